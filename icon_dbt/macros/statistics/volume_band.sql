{# Label of a count's band, from the lower bounds in the variable volume_bands: '1-10', '11-24', ..., '50+'. #}
{% macro volume_band(count) -%}
    {%- set bounds = [1] + var('volume_bands') -%}
    case
        {%- for lower in bounds | reverse %}
        when {{ count }} >= {{ lower }} then '{{ lower }}{{ '+' if loop.first else '-' ~ (bounds[bounds | length - loop.index0] - 1) }}'
        {%- endfor %}
    end
{%- endmacro %}
