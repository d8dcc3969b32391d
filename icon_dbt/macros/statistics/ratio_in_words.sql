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
