{#
  The CTEs `totals` (one row a unit) and `quantiles` (p25, p50, p75 in cents) of a scorecard at the grain of `keys`, from
  relations that the caller names: `case_mix` (rows of provider_case_mix), `procedure_amounts` (rows of
  int_provider_procedure_amount) and `amounts` (keys and paid_cents of fct_encounter: a CTE of its own, because SQLite
  stores one that is read twice). `patients` is right at npi and cpt only: a patient has one age band and sex, but may
  have several procedures.
#}
{% macro scorecard_inputs(keys, case_mix, procedure_amounts, amounts) -%}
counts as (
    select
        {{ keys | join(', ') }},
        sum(encounters) as encounter_count,
        sum(patients) as patients,
        sum(mature_encounter_count) as mature_encounter_count,
        sum(adverse_event_count) as adverse_event_count,
        {{ exact_sum('expected_adverse_event_count', 12) }} as expected_adverse_event_count,
        {{ exact_sum('paid_sum_usd', 2) }} as paid_sum_usd
    from {{ case_mix }}
    group by {{ keys | join(', ') }}
),

costs as (
    select
        {{ keys | join(', ') }},
        {{ exact_sum('winsorised_paid_sum_usd', 2) }} as winsorised_paid_sum_usd,
        {{ exact_sum('expected_paid_sum_usd', 6) }} as expected_paid_sum_usd
    from {{ procedure_amounts }}
    group by {{ keys | join(', ') }}
),

totals as (
    select
        counts.*,
        costs.winsorised_paid_sum_usd,
        costs.expected_paid_sum_usd,
        {%- for share in [25, 50, 75] %}
        {{ truncated('(counts.encounter_count - 1) * 0.' ~ share) }} as place_{{ share }}{{ ',' if not loop.last }}
        {%- endfor %}
    from counts
    inner join costs on {{ _same_keys('counts', 'costs', keys) }}
),

placed as (
    select
        {{ keys | join(', ') }},
        paid_cents,
        row_number() over (partition by {{ keys | join(', ') }} order by paid_cents) - 1 as place
    from {{ amounts }}
),

-- of all encounters only the two beside each quantile
beside as (
    select placed.*, totals.encounter_count
    from placed
    inner join totals on {{ _same_keys('placed', 'totals', keys) }}
    where placed.place in (
        totals.place_25, totals.place_25 + 1, totals.place_50, totals.place_50 + 1, totals.place_75, totals.place_75 + 1
    )
),

quantiles as (
    select
        {{ keys | join(', ') }},
        {%- for share in [25, 50, 75] %}
        {{ percentile('paid_cents', 'place', 'place', 'encounter_count', '0.' ~ share) }} as p{{ share }}{{ ',' if not loop.last }}
        {%- endfor %}
    from beside
    group by {{ keys | join(', ') }}
)
{%- endmacro %}

{% macro _same_keys(left, right, keys) -%}
    {%- for key in keys %}{{ left }}.{{ key }} = {{ right }}.{{ key }}{{ ' and ' if not loop.last }}{% endfor -%}
{%- endmacro %}
