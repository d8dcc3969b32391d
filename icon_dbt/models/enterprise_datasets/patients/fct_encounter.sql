{{ config(post_hook=[
    index_on(['npi', 'cpt', 'paid_cents', 'patient_id']),
    index_on(['encounter_id']),
    index_on(['cpt', 'paid_amount_usd'])]) }}

with encounters as (
    select * from {{ ref('int_encounter_risk_cell') }}
),

risk as (
    select * from {{ ref('case_mix_reference') }}
),

benchmark as (
    select * from {{ ref('procedure_benchmark') }}
),

flags as (
    select * from {{ ref('std_encounter_flags') }}
),

measured as (
    select
        encounters.*,
        encounters.paid_cents / 100.0 as paid_amount_usd,
        ln(encounters.paid_cents / 100.0) as ln_paid,
        {{ larger_of('benchmark.winsor_low_cents', smaller_of('benchmark.winsor_high_cents', 'encounters.paid_cents')) }}
            / 100.0 as winsorised_paid_usd,
        risk.calibrated_rate as expected_adverse_event_count,
        benchmark.winsorised_mean_usd as expected_paid_usd
    from encounters
    inner join risk
        on encounters.cpt = risk.cpt and encounters.age_band = risk.age_band and encounters.sex = risk.sex
    inner join benchmark on encounters.cpt = benchmark.cpt
),

final as (
    select
        encounter_id,
        npi,
        patient_id,
        cpt,
        cast(paid_amount_usd as {{ float_type() }}) as paid_amount_usd,
        paid_cents,
        cast(winsorised_paid_usd as {{ float_type() }}) as winsorised_paid_usd,
        cast(ln_paid as {{ float_type() }}) as ln_paid,
        has_adverse_event,
        is_outcome_counted,
        age,
        age_band,
        sex,
        cast(expected_adverse_event_count as {{ float_type() }}) as expected_adverse_event_count,
        cast(expected_paid_usd as {{ float_type() }}) as expected_paid_usd,
        cast((
            select {{ json_list_of('rule_id', 'rule_id') }}
            from (select flags.rule_id from flags where flags.encounter_id = measured.encounter_id order by flags.rule_id) as ordered
        ) as text) as dq_warn_codes,
        cast(exists (
            select 1 from flags where flags.encounter_id = measured.encounter_id and flags.rule_id = 'ENC-13'
        ) as {{ integer_type() }}) as is_cost_outlier,
        {{ build_columns() }}
    from measured
)

select * from final
