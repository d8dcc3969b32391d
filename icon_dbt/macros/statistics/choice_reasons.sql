{# Why a candidate is offered, in words for the person who talks to the patient. Nothing is said of a provider that is not measured. #}

{% macro ratio_in_words(estimate, low, high, below, above, same) -%}
    case
        when {{ high }} < 1.0 then '{{ below }}'
        when {{ low }} > 1.0 then '{{ above }}'
        else '{{ same }}'
    end
    || ' (' || cast(round({{ estimate }}, 2) as text) || ', ' || cast(round({{ low }}, 2) as text) || '–'
    || cast(round({{ high }}, 2) as text) || ')'
{%- endmacro %}

{% macro distance_in_words(miles, from_is_known) -%}
    case
        when {{ miles }} is null and {{ from_is_known }} = 0 then 'distance unknown: the ZIP of the referral has no known place'
        when {{ miles }} is null then 'distance unknown: unknown ZIP of the practice'
        when {{ miles }} < 1.0 then 'less than a mile away'
        when {{ miles }} < 1.5 then '1 mile away'
        else cast(cast(round({{ miles }}) as {{ integer_type() }}) as text) || ' miles away'
    end
{%- endmacro %}
