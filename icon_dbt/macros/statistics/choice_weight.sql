{#
  The choice score adds four parts, each times its weight in the variable choice_weights; the lower the better.
  outcome: ln of the shrunken O/E; cost: ln of the shrunken cost index; distance: ln(1 + miles / 10); volume: -ln(1 + encounter_count).
#}
{% macro choice_weight(part) -%}
    {%- set weight = var('choice_weights')[part] -%}
    {%- if weight < 0 -%}
        {{ exceptions.raise_compiler_error('variable choice_weights: ' ~ part ~ ' is below zero, which would prefer the worse') }}
    {%- endif -%}
    {{ weight }}
{%- endmacro %}
