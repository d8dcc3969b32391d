-- the events of a risk group dealt at random to its encounters: exact mean and variance of the sum of (O - E)^2 / E over the units
with case_mix as (
    select * from {{ ref('provider_case_mix') }}
),

rates as (
    select distinct
        risk_group as cell,
        1.0 * group_mature_encounter_count as size,
        1.0 * group_observed_count / group_mature_encounter_count as rate
    from {{ ref('case_mix_reference') }}
    where group_mature_encounter_count > 0
),

-- central moments of single encounters: m_22 is the mean of the product of two squares, m_1111 of four deviations, and so on
singles as (
    select
        *,
        rate * (1 - rate) as m_2,
        rate * (1 - rate) * (1 - 2 * rate) as m_3,
        rate * (1 - rate) * (1 - 3 * rate * (1 - rate)) as m_4
    from rates
),

pairs as (
    select
        *,
        coalesce(-m_2 / nullif(size - 1, 0), 0.0) as m_11,
        coalesce(-m_3 / nullif(size - 1, 0), 0.0) as m_21,
        coalesce(-m_4 / nullif(size - 1, 0), 0.0) as m_31,
        coalesce((size * m_2 * m_2 - m_4) / nullif(size - 1, 0), 0.0) as m_22
    from singles
),

triples as (
    select *, coalesce(-2 * m_21 / nullif({{ larger_of('size - 2', '0') }}, 0), 0.0) as m_111, coalesce(-(m_31 + m_22) / nullif({{ larger_of('size - 2', '0') }}, 0), 0.0) as m_211
    from pairs
),

cells as (
    select *, coalesce(-3 * m_211 / nullif({{ larger_of('size - 3', '0') }}, 0), 0.0) as m_1111
    from triples
),

unit_cells as (
    {%- for name, unit in [('provider', 'npi'), ('provider_procedure', "npi || ' ' || cpt")] %}
    select
        '{{ name }}' as name,
        {{ unit }} as unit,
        risk_group as cell,
        sum(mature_encounter_count) as encounters,
        {{ exact_sum('expected_adverse_event_count', 12) }} as expected_adverse_event_count
    from case_mix
    where mature_encounter_count > 0
    group by {{ unit }}, risk_group
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

-- shift: what the smoothing of rates adds to O - E
units as (
    select
        unit_cells.name,
        unit_cells.unit,
        {{ exact_sum('unit_cells.expected_adverse_event_count', 12) }} as expected,
        {{ exact_sum('unit_cells.encounters * cells.rate', 12) }} as event_mean,
        {{ exact_sum('unit_cells.encounters * (cells.m_2 + (unit_cells.encounters - 1) * cells.m_11)', 12) }} as event_variance,
        {{ exact_sum('unit_cells.encounters * unit_cells.encounters * cells.m_11', 12) }} as covariance_with_itself
    from unit_cells
    inner join cells on unit_cells.cell = cells.cell
    group by unit_cells.name, unit_cells.unit
),

placed as (
    select
        cells.*,
        unit_cells.name,
        unit_cells.unit,
        1.0 * unit_cells.encounters as n,
        1.0 * unit_cells.encounters * (unit_cells.encounters - 1) as n_2,
        1.0 * unit_cells.encounters * (unit_cells.encounters - 1) * (unit_cells.encounters - 2) as n_3,
        1.0 * unit_cells.encounters * (unit_cells.encounters - 1) * (unit_cells.encounters - 2) * (unit_cells.encounters - 3) as n_4,
        1.0 / units.expected as unit_share,
        (units.event_mean - units.expected) / units.expected as shift_share
    from unit_cells
    inner join cells on unit_cells.cell = cells.cell
    inner join units on unit_cells.name = units.name and unit_cells.unit = units.unit
    where units.expected > 0
),

{{ chance_of_chi_square('placed', 'units') }},

final as (
    select
        cast(own.name as text) as name,
        cast(own.chi2_mean as {{ float_type() }}) as chi2_mean,
        cast(round(2.0 * (own.squares + crossed.squares) + joint.covariances, 9) as {{ float_type() }}) as chi2_variance,
        cast(own.third_moment as {{ float_type() }}) as chi2_third_moment,
        {{ build_columns() }}
    from own
    inner join crossed on own.name = crossed.name
    inner join joint on own.name = joint.name
)

select * from final
