{# How a delivered cell, stripped, becomes a mapped value. One macro a kind; each takes and yields a text expression, and a cell
   that it does not understand comes out as it went in, for a rule to hold back. `order` is SQL for the order of day and month
   that was stated for the file (MDY, DMY or null). #}

{% macro cleaned(kind, text, order='null') -%}
    {%- if kind == 'text' -%}{{ text }}
    {%- elif kind == 'code' -%}{{ upper_ascii(restored_digits(text)) }}
    {%- elif kind == 'identifier' -%}{{ restored_digits(text) }}
    {%- elif kind == 'gender' -%}{{ _spelled_gender(text) }}
    {%- elif kind == 'date' -%}{{ calendar_day(text, order) }}
    {%- elif kind == 'money' -%}{{ plain_amount(text) }}
    {%- else -%}{{ exceptions.raise_compiler_error("no cleaning '" ~ kind ~ "': add it to macros/landing_zone/cleaning") }}
    {%- endif -%}
{%- endmacro %}

{% macro _spelled_gender(text) -%}
    case {{ lower_ascii(text) }} when 'm' then 'male' when 'f' then 'female' when 'o' then 'other' when 'u' then 'unknown'
        else {{ lower_ascii(text) }} end
{%- endmacro %}
