with cells as (
    select * from {{ ref('int_provider_risk_cell') }}
),

encounters as (
    select cpt, patient_id from {{ ref('int_encounter_risk_cell') }}
),

distribution as (
    select * from {{ ref('int_procedure_paid_distribution') }}
),

procedures as (
    select * from {{ ref('dim_procedure') }}
),

counts as (
    select
        cpt,
        sum(encounters) as encounter_count,
        count(distinct npi) as providers,
        sum(mature_encounter_count) as mature_encounter_count,
        sum(adverse_event_count) as adverse_event_count
    from cells
    group by cpt
),

people as (
    select cpt, count(distinct patient_id) as patients
    from encounters
    group by cpt
),

quantiles as (
    select
        distribution.cpt,
        {%- for name, share in [('p05', 0.05), ('p25', 0.25), ('p50', 0.5), ('p75', 0.75), ('p95', 0.95), ('limit_lo', var('winsor_share')), ('limit_hi', 1 - var('winsor_share'))] %}
        {{ percentile('paid_cents', 'first_place', 'last_place', 'encounter_count', share) }} as {{ name }},
        {%- endfor %}
        {{ percentile('ln_paid', 'first_place', 'last_place', 'encounter_count', 0.5) }} as ln_median,
        sum(paid_cents * encounters) as paid_cents_sum,
        {{ exact_sum('ln_paid * encounters') }} as ln_paid_sum,
        {{ exact_sum('ln_paid * ln_paid * encounters') }} as ln_paid_square_sum
    from distribution
    inner join counts on distribution.cpt = counts.cpt
    group by distribution.cpt
),

-- whole cents, so that winsorised sums stay exact
limits as (
    select
        cpt,
        cast(round(limit_lo) as {{ integer_type() }}) as winsor_low_cents,
        cast(round(limit_hi) as {{ integer_type() }}) as winsor_high_cents
    from quantiles
),

winsorised as (
    select
        distribution.cpt,
        sum(encounters * {{ larger_of('winsor_low_cents', smaller_of('winsor_high_cents', 'paid_cents')) }}) as cents_sum
    from distribution
    inner join limits on distribution.cpt = limits.cpt
    group by distribution.cpt
),

deviations as (
    select
        distribution.cpt,
        encounters,
        abs(ln_paid - ln_median) as deviation,
        sum(encounters) over (
            partition by distribution.cpt order by abs(ln_paid - ln_median) rows unbounded preceding
        ) as encounters_up_to
    from distribution
    inner join quantiles on distribution.cpt = quantiles.cpt
),

spread as (
    select
        deviations.cpt,
        {{ percentile('deviation', 'encounters_up_to - encounters', 'encounters_up_to - 1', 'encounter_count', 0.5) }} as mad,
        {{ exact_sum('deviation * encounters') }} / max(encounter_count) as mean_deviation
    from deviations
    inner join counts on deviations.cpt = counts.cpt
    group by deviations.cpt
),

final as (
    select
        counts.cpt,
        cast(encounter_count as {{ integer_type() }}) as encounter_count,
        cast(providers as {{ integer_type() }}) as providers,
        cast(people.patients as {{ integer_type() }}) as patients,
        cast(mature_encounter_count as {{ integer_type() }}) as mature_encounter_count,
        cast(adverse_event_count as {{ integer_type() }}) as adverse_event_count,
        cast(1.0 * adverse_event_count / nullif(mature_encounter_count, 0) as {{ float_type() }}) as adverse_event_rate,
        cast({{ wilson_lower('adverse_event_count', 'nullif(mature_encounter_count, 0)', z_95()) }} as {{ float_type() }}) as adverse_event_rate_low,
        cast({{ wilson_upper('adverse_event_count', 'nullif(mature_encounter_count, 0)', z_95()) }} as {{ float_type() }}) as adverse_event_rate_high,
        {%- for name in ['p05', 'p25', 'p50', 'p75', 'p95'] %}
        cast({{ name }} / 100.0 as {{ float_type() }}) as paid_{{ name }}_usd,
        {%- endfor %}
        cast(paid_cents_sum / 100.0 / encounter_count as {{ float_type() }}) as paid_mean_usd,
        cast(exp(ln_paid_sum / encounter_count) as {{ float_type() }}) as paid_geometric_mean_usd,
        cast(mad as {{ float_type() }}) as ln_paid_median_absolute_deviation,
        cast(winsor_low_cents / 100.0 as {{ float_type() }}) as winsor_low_usd,
        cast(winsor_high_cents / 100.0 as {{ float_type() }}) as winsor_high_usd,
        winsor_low_cents,
        winsor_high_cents,
        cast(cents_sum / 100.0 / encounter_count as {{ float_type() }}) as winsorised_mean_usd,
        cast(paid_cents_sum / 100.0 as {{ float_type() }}) as paid_sum_usd,
        cast(ln_paid_sum as {{ float_type() }}) as ln_paid_sum,
        cast(ln_paid_square_sum as {{ float_type() }}) as ln_paid_square_sum,
        cast(ln_median as {{ float_type() }}) as ln_median,
        cast(case when mad > 0 then mad / 0.6745 else 1.253314 * mean_deviation end as {{ float_type() }}) as ln_paid_robust_sd,
        cast(p50 / 100.0 / nullif(reference_fee_usd, 0) as {{ float_type() }}) as reference_fee_ratio,
        {{ build_columns() }}
    from counts
    inner join people on counts.cpt = people.cpt
    inner join quantiles on counts.cpt = quantiles.cpt
    inner join limits on counts.cpt = limits.cpt
    inner join winsorised on counts.cpt = winsorised.cpt
    inner join spread on counts.cpt = spread.cpt
    left join procedures on counts.cpt = procedures.cpt
)

select * from final
