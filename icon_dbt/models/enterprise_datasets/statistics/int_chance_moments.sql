with case_mix as (
    select * from {{ ref('provider_case_mix') }}
),

-- spread: variance of a cell's events in an urn of its encounters, per encounter in and per encounter out
cells as (
    select
        *,
        1.0 * observed_count / encounter_count as rate,
        coalesce(1.0 * observed_count * (encounter_count - observed_count) / encounter_count / encounter_count / nullif(encounter_count - 1, 0), 0.0) as spread
    from {{ ref('case_mix_reference') }}
),

unit_cells as (
    select 'provider' as name, npi as unit, cpt || age_band || sex as cell, * from case_mix
    union all
    select 'provider_procedure' as name, npi || ' ' || cpt as unit, cpt || age_band || sex as cell, * from case_mix
),

unit_expected as (
    select name, unit, {{ exact_sum('expected_adverse_event_count', 12) }} as expected
    from unit_cells
    group by name, unit
),

placed as (
    select
        unit_cells.name,
        unit_cells.unit,
        unit_cells.cell,
        unit_cells.encounters,
        unit_expected.expected,
        cells.encounter_count,
        cells.spread,
        cells.rate * (1 - cells.rate) as bernoulli
    from unit_cells
    inner join cells
        on unit_cells.cpt = cells.cpt and unit_cells.age_band = cells.age_band and unit_cells.sex = cells.sex
    inner join unit_expected on unit_cells.name = unit_expected.name and unit_cells.unit = unit_expected.unit
    where unit_expected.expected > 0
),

units as (
    select
        name,
        unit,
        expected,
        {{ exact_sum('spread * encounter_count * encounters') }} as with_all,
        {{ exact_sum('spread * encounters * encounters') }} as with_itself,
        {{ exact_sum('encounters * bernoulli * (1 - 6 * bernoulli)') }} as fourth_cumulant
    from placed
    group by name, unit, expected
),

pairs as (
    select
        one.name,
        one.spread * other.spread as spread,
        {{ exact_sum('1.0 * one.encounters * other.encounters / one.expected') }} as shared
    from placed as one
    inner join placed as other on one.name = other.name and one.unit = other.unit
    group by one.name, one.cell, other.cell, one.spread, other.spread
),

own as (
    select
        name,
        {{ exact_sum('(with_all - with_itself) / expected') }} as chi2_mean,
        {{ exact_sum('with_all * (with_all - 2 * with_itself) / expected / expected') }} as square_own,
        {{ exact_sum('fourth_cumulant / expected / expected') }} as fourth
    from units
    group by name
),

between_units as (
    select name, {{ exact_sum('spread * shared * shared') }} as square_shared
    from pairs
    group by name
),

final as (
    select
        own.name,
        cast(own.chi2_mean as real) as chi2_mean,
        cast(round(2.0 * (own.square_own + between_units.square_shared) + own.fourth, 9) as real) as chi2_variance,
        {{ build_columns() }}
    from own
    inner join between_units on own.name = between_units.name
)

select * from final
