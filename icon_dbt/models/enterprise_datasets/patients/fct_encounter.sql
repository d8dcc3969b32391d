{{ config(post_hook=[
    index_on(['npi', 'cpt', 'paid_cents', 'patient_id']),
    index_on(['encounter_id']),
    index_on(['cpt', 'paid_amount'])]) }}

with encounters as (
    select * from {{ ref('int_encounter_risk_cell') }}
),

risk as (
    select * from {{ ref('case_mix_reference') }}
),

benchmark as (
    select * from {{ ref('procedure_benchmark') }}
),

procedures as (
    select * from {{ ref('dim_procedure') }}
),

measured as (
    select
        encounters.*,
        encounters.paid_cents / 100.0 as paid_amount,
        ln(encounters.paid_cents / 100.0) as ln_paid,
        {{ larger_of('benchmark.winsor_lo_cents', smaller_of('benchmark.winsor_hi_cents', 'encounters.paid_cents')) }}
            / 100.0 as paid_winsor,
        risk.calibrated_rate as expected_ae,
        benchmark.winsor_mean as expected_paid,
        benchmark.n as procedure_count,
        benchmark.ln_median,
        benchmark.ln_robust_sd,
        procedures.reference_fee,
        procedures.age_min,
        procedures.age_max
    from encounters
    inner join risk
        on encounters.cpt = risk.cpt and encounters.age_band = risk.age_band and encounters.sex = risk.sex
    inner join benchmark on encounters.cpt = benchmark.cpt
    left join procedures on encounters.cpt = procedures.cpt
),

judged as (
    select
        *,
        case
            when procedure_count >= {{ var('outlier_min_count') }}
                and abs(ln_paid - ln_median) > {{ var('outlier_limit') }} * ln_robust_sd then 1
            else 0
        end as is_cost_outlier
    from measured
),

final as (
    select
        encounter_id,
        npi,
        patient_id,
        cpt,
        cast(paid_amount as real) as paid_amount,
        paid_cents,
        cast(paid_winsor as real) as paid_winsor,
        cast(ln_paid as real) as ln_paid,
        ae_flag,
        age,
        age_band,
        sex,
        cast(expected_ae as real) as expected_ae,
        cast(expected_paid as real) as expected_paid,
        cast('[' || substr(
            case when is_cost_outlier = 1 then ',"ENC-13"' else '' end
            || case
                when paid_amount < {{ var('fee_ratio_low') }} * reference_fee
                    or paid_amount > {{ var('fee_ratio_high') }} * reference_fee then ',"ENC-14"'
                else ''
            end
            || case when age < age_min or age > age_max then ',"ENC-15"' else '' end, 2
        ) || ']' as text) as dq_warn_codes,
        cast(is_cost_outlier as integer) as is_cost_outlier,
        {{ build_columns() }}
    from judged
)

select * from final
