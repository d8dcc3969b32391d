{# Rows (age_band, near_band): each band of the variable age_bands with itself and the bands beside it; 'unknown' with itself. #}
{% macro neighbouring_age_bands() -%}
    {%- set bounds = var('age_bands') -%}
    {%- set labels = [] -%}
    {%- for lower in bounds -%}
        {%- do labels.append(lower ~ ('+' if loop.last else '-' ~ (bounds[loop.index] - 1))) -%}
    {%- endfor -%}
    select 'unknown' as age_band, 'unknown' as near_band
    {%- for place in range(labels | length) %}
    {%- for near in range([place - 1, 0] | max, [place + 2, labels | length] | min) %}
    union all
    select '{{ labels[place] }}', '{{ labels[near] }}'
    {%- endfor %}
    {%- endfor %}
{%- endmacro %}
