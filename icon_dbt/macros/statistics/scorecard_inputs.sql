{#
  The CTEs `totals` and `quantiles` of a scorecard at the grain of `keys`. They read the CTEs `case_mix`
  (provider_case_mix), `benchmark` (procedure_benchmark) and `amounts` (keys and paid_cents of fct_encounter: a CTE of its
  own, because SQLite stores one that is read twice). `patients` is right at npi and cpt only: a patient has one age band
  and sex, but may have several procedures.
#}
{% macro scorecard_inputs(keys) -%}
totals as (
    select
        {% for key in keys %}case_mix.{{ key }}, {% endfor %}
        sum(case_mix.encounters) as n,
        sum(case_mix.patients) as patients,
        sum(case_mix.ae_count) as ae_count,
        {{ exact_sum('case_mix.expected_ae', 12) }} as expected_ae,
        {{ exact_sum('case_mix.paid_sum', 2) }} as paid_sum,
        {{ exact_sum('case_mix.paid_winsor_sum', 2) }} as paid_winsor_sum,
        {{ exact_sum('case_mix.expected_paid_sum', 6) }} as expected_paid_sum,
        {{ exact_sum('case_mix.ln_paid_sum - case_mix.encounters * benchmark.ln_paid_sum / benchmark.n') }} as ln_excess
    from case_mix
    inner join benchmark on case_mix.cpt = benchmark.cpt
    group by {% for key in keys %}case_mix.{{ key }}{{ ', ' if not loop.last }}{% endfor %}
),

placed as (
    select
        {{ keys | join(', ') }},
        paid_cents,
        row_number() over (partition by {{ keys | join(', ') }} order by paid_cents) - 1 as place
    from amounts
),

quantiles as (
    select
        {% for key in keys %}placed.{{ key }}, {% endfor %}
        {{ percentile('placed.paid_cents', 'placed.place', 'placed.place', 'totals.n', 0.25) }} as p25,
        {{ percentile('placed.paid_cents', 'placed.place', 'placed.place', 'totals.n', 0.5) }} as p50,
        {{ percentile('placed.paid_cents', 'placed.place', 'placed.place', 'totals.n', 0.75) }} as p75
    from placed
    inner join totals
        on {% for key in keys %}placed.{{ key }} = totals.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}
    group by {% for key in keys %}placed.{{ key }}{{ ', ' if not loop.last }}{% endfor %}
)
{%- endmacro %}
