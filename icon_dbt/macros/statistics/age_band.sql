{#
  Label of the age band on a day, from the lower bounds in the variable age_bands: '0-64', '65-74', ..., '85+'; 'unknown'
  without a date of birth or before it. Compares ISO dates with one birthday a bound instead of computing an age per row.
#}
{% macro age_band(birth_date, day) -%}
    {%- set bounds = var('age_bands') -%}
    case
        when {{ birth_date }} is null then 'unknown'
        {%- for lower in bounds | reverse %}
        when {{ birth_date }} <= ({{ integer_of_text('substr(' ~ day ~ ', 1, 4)') }} - {{ lower }}) || substr({{ day }}, 5) then '{{ lower }}{{ '+' if loop.first else '-' ~ (bounds[bounds | length - loop.index0] - 1) }}'
        {%- endfor %}
        else 'unknown'
    end
{%- endmacro %}
