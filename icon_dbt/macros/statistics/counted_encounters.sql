{# How many encounters of a row outcomes rest on: the mature ones, and all where no outcome is known at all. What is too small to show goes by it. #}
{% macro counted_encounters(row) -%}
    coalesce({{ row }}.mature_encounter_count, {{ row }}.encounter_count)
{%- endmacro %}
