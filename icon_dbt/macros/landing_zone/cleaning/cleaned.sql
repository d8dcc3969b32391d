{# How a delivered cell, stripped, becomes a mapped value. One macro a kind; each takes and yields a text expression, and a cell
   that it does not understand comes out as it went in, for a rule to hold back. `order` is SQL for the order of day and month
   that was stated for the file (MDY, DMY or null). #}

{% macro cleaned(kind, text, order='null') -%}
    {%- if kind == 'text' -%}{{ text }}
    {%- elif kind == 'code' -%}{{ upper_ascii(restored_digits(text)) }}
    {%- elif kind == 'identifier' -%}{{ restored_digits(text) }}
    {%- elif kind == 'gender' -%}{{ spelled_gender(text) }}
    {%- elif kind == 'date' -%}{{ calendar_day(text, order) }}
    {%- elif kind == 'money' -%}{{ plain_amount(text) }}
    {%- else -%}{{ exceptions.raise_compiler_error("no cleaning '" ~ kind ~ "': add it to macros/landing_zone/cleaning") }}
    {%- endif -%}
{%- endmacro %}

{% macro spelled_gender(text) -%}
    case {{ lower_ascii(text) }} when 'm' then 'male' when 'f' then 'female' when 'o' then 'other' when 'u' then 'unknown'
        else {{ lower_ascii(text) }} end
{%- endmacro %}

{# What was done to a cell, by rule of the catalogue: '' when the delivered text was used as it is. #}
{% macro fix_of(kind, delivered, clean) -%}
    case when {{ delivered }} is null or {{ delivered }} = '' then ''
        when {{ clean }} is not null and {{ clean }} = {{ delivered }} then ''
    {%- if kind in ('identifier', 'code') %}
        when {{ contains(delivered, "'.'") }} and not {{ contains(clean, "'.'") }} then 'ROW-07 '
    {%- elif kind == 'date' %}
        when {{ has_shape(clean, 'iso_date') }} and not {{ contains(delivered, clean) }} then 'ROW-08 '
    {%- elif kind == 'money' %}
        when {{ has_shape(clean, 'number') }} and not {{ contains(delivered, clean) }} then 'ENC-11 '
        when {{ contains(delivered, "'$'") }} and {{ has_shape(clean, 'number') }} then 'ENC-11 '
    {%- endif %}
        else 'ROW-01 ' end
{%- endmacro %}
