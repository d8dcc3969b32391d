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
