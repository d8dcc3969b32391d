{#
  Query of the adverse events and the expected ones of each unit: of each provider (name `provider`, cpt '') and of each provider and
  procedure (`provider_procedure`). `case_mix` is provider_case_mix.
#}
{% macro outcome_units(case_mix) -%}
    select 'provider' as name, npi, '' as cpt, sum(adverse_event_count) as observed, {{ exact_sum('expected_adverse_event_count', 12) }} as expected
    from {{ case_mix }}
    group by npi
    union all
    select 'provider_procedure', npi, cpt, sum(adverse_event_count), {{ exact_sum('expected_adverse_event_count', 12) }}
    from {{ case_mix }}
    group by npi, cpt
{%- endmacro %}
