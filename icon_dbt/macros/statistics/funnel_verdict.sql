{#
  Verdict of a funnel plot: `high` from `upper_count` events on, `low` up to `lower_count`, both from int_provider_chance. `none` means
  that no verdict is possible: not even the fewest events that could be would be remarkable. Null where the expectation is unknown.
#}
{% macro funnel_verdict(observed, lower_count, upper_count, expected) -%}
    case
        when {{ expected }} is null then null
        when {{ observed }} >= {{ upper_count }} then 'high'
        when {{ observed }} <= {{ lower_count }} then 'low'
        when {{ lower_count }} is not null then 'in'
        else 'none'
    end
{%- endmacro %}
