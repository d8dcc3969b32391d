{# How far a candidate is, in words for the person who talks to the patient. #}
{% macro distance_in_words(miles, from_is_known) -%}
    case
        when {{ miles }} is null and {{ from_is_known }} = 0 then 'distance unknown: the ZIP of the referral has no known place'
        when {{ miles }} is null then 'distance unknown: unknown ZIP of the practice'
        when {{ miles }} < 1.0 then 'less than a mile away'
        when {{ miles }} < 1.5 then '1 mile away'
        else cast(cast(round({{ miles }}) as {{ integer_type() }}) as text) || ' miles away'
    end
{%- endmacro %}
