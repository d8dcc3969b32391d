{# When a failure of the rule must not be waived: the condition on the row `m` under which its value cannot stand in silver, or
   none when every value can. Silver promises that keys are there, numbers are numbers that can be added up, and dates are days. #}
{% macro breaks_silver(rule, key) -%}
    {%- set column = rule['column'] -%}
    {%- if column in key and (rule['kind'] == 'required' or rule['arguments'].get('is_required')) -%}
        m.{{ column }} is null
    {%- elif rule['kind'] == 'number' -%}
        m.{{ column }} is not null
    {%- elif rule['kind'] == 'iso_date' -%}
        m.{{ column }} is not null
    {%- elif rule['kind'] == 'at_most' -%}
        true
    {%- endif -%}
{%- endmacro %}
