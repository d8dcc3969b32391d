with scorecard as (
    select npi, cpt, encounter_count, mature_encounter_count, adverse_event_count, expected_adverse_event_count from {{ ref('provider_procedure_scorecard') }}
),

amounts as (
    select npi, cpt, paid_cents from {{ ref('fct_encounter') }}
),

limits as (
    select * from {{ ref('poisson_limit') }}
),

-- equal volumes stay together
banded as (
    select
        *,
        1 + {{ whole_quotient('3 * (rank() over (partition by cpt order by encounter_count) - 1)', 'count(*) over (partition by cpt)') }} as tertile
    from scorecard
),

sums as (
    select
        cpt,
        tertile,
        count(*) as providers,
        sum(case when encounter_count >= {{ var('volume_minimum') }} then 1 else 0 end) as providers_at_minimum,
        min(encounter_count) as volume_from,
        max(encounter_count) as volume_to,
        sum(encounter_count) as encounter_count,
        sum(mature_encounter_count) as mature_encounter_count,
        sum(adverse_event_count) as observed_count,
        {{ exact_sum('expected_adverse_event_count', 12) }} as expected_count
    from banded
    group by cpt, tertile
),

numbered as (
    select
        amounts.cpt,
        banded.tertile,
        amounts.paid_cents,
        row_number() over (partition by amounts.cpt, banded.tertile order by amounts.paid_cents) - 1 as place
    from amounts
    inner join banded on amounts.npi = banded.npi and amounts.cpt = banded.cpt
),

medians as (
    select
        numbered.cpt,
        numbered.tertile,
        {{ percentile('numbered.paid_cents', 'numbered.place', 'numbered.place', 'sums.encounter_count', '0.5') }} as median_cents
    from numbered
    inner join sums on numbered.cpt = sums.cpt and numbered.tertile = sums.tertile
    group by numbered.cpt, numbered.tertile
),

final as (
    select
        sums.cpt,
        cast(sums.tertile as {{ integer_type() }}) as tertile,
        cast(sums.providers as {{ integer_type() }}) as providers,
        cast(sums.providers_at_minimum as {{ integer_type() }}) as providers_at_minimum,
        cast(sums.volume_from as {{ integer_type() }}) as volume_from,
        cast(sums.volume_to as {{ integer_type() }}) as volume_to,
        cast(sums.encounter_count as {{ integer_type() }}) as encounter_count,
        cast(sums.mature_encounter_count as {{ integer_type() }}) as mature_encounter_count,
        cast(sums.observed_count as {{ integer_type() }}) as observed_count,
        cast(sums.expected_count as {{ float_type() }}) as expected_count,
        cast(sums.observed_count / nullif(sums.expected_count, 0) as {{ float_type() }}) as observed_to_expected,
        cast({{ poisson_lower('sums.observed_count', 'limits.lower_95', z_95()) }} / nullif(sums.expected_count, 0) as {{ float_type() }}) as observed_to_expected_low,
        cast({{ poisson_upper('sums.observed_count', 'limits.upper_95', z_95()) }} / nullif(sums.expected_count, 0) as {{ float_type() }}) as observed_to_expected_high,
        cast({{ wilson_lower('sums.observed_count', 'nullif(sums.mature_encounter_count, 0)', z_95()) }} as {{ float_type() }}) as adverse_event_rate_low,
        cast({{ wilson_upper('sums.observed_count', 'nullif(sums.mature_encounter_count, 0)', z_95()) }} as {{ float_type() }}) as adverse_event_rate_high,
        cast(medians.median_cents / 100.0 as {{ float_type() }}) as paid_median_usd,
        cast(case when {{ counted_encounters('sums') }} < {{ var('small_cell_size') }} then 1 else 0 end as {{ integer_type() }}) as is_small_cell,
        {{ build_columns() }}
    from sums
    inner join medians on sums.cpt = medians.cpt and sums.tertile = medians.tertile
    left join limits on sums.observed_count = limits.observed
)

select * from final
