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

{# A place that is unknown counts as far as the variable unknown_miles, so that it is neither near nor last. #}
{% macro distance_score(miles) -%}
    ln(1.0 + coalesce({{ miles }}, 1.0 * {{ var('unknown_miles') }}) / 10.0)
{%- endmacro %}

{# Standard deviation of the logarithm of a Gamma variable: square root of the trigamma function at its shape, by its series. #}
{% macro log_gamma_sd(shape) -%}
    sqrt(1.0 / {{ shape }} + 0.5 / pow({{ shape }}, 2) + 1.0 / (6.0 * pow({{ shape }}, 3)) - 1.0 / (30.0 * pow({{ shape }}, 5)))
{%- endmacro %}
