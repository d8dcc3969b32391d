{# A place that is unknown counts as far as the variable unknown_miles, so that it is neither near nor last. #}
{% macro distance_score(miles) -%}
    ln(1.0 + coalesce({{ miles }}, 1.0 * {{ var('unknown_miles') }}) / 10.0)
{%- endmacro %}
