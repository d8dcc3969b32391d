{# Label of the age band, from the lower bounds in the variable age_bands: '0-64', '65-74', ..., '85+', 'unknown'. #}
{% macro age_band(age) -%}
    {%- set bounds = var('age_bands') -%}
    case
        when {{ age }} is null then 'unknown'
        {%- for lower in bounds | reverse %}
        when {{ age }} >= {{ lower }} then '{{ lower }}{{ '+' if loop.first else '-' ~ (bounds[bounds | length - loop.index0] - 1) }}'
        {%- endfor %}
        else 'unknown'
    end
{%- endmacro %}
