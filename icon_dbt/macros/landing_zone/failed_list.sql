{# SQL for the JSON list of the rules that the row `m` fails; a waived one does not hold it back, unless the row would then break
   what silver promises: such a failure carries `"firm":true`. `key` are the columns that identify a row. #}
{% macro failed_list(rules, known, key) -%}
    '[' || substr(
        {%- for rule in rules %}
        case when coalesce({{ passes(rule, known) }}, true) then '' else
            {%- set start = ',{"rule":"' ~ rule['rule'] ~ '","name":"' ~ rule['name'] ~ '","column":' ~ (('"' ~ rule['column'] ~ '"') if rule['column'] else 'null') ~ ',"action":"' %}
            {%- set firm = breaks_silver(rule, key) if rule['action'] == 'quarantine' -%}
            {%- if firm %} '{{ start }}' || case when {{ firm }} then 'quarantine","firm":true}' when {{ contains('m._waived', "' " ~ rule['rule'] ~ " '") }} or {{ contains('m._waived', "' * '") }} then 'waived"}' else 'quarantine"}' end
            {%- elif rule['action'] == 'quarantine' and rule['rule'] != 'FIL-10' %} '{{ start }}' || case when {{ contains('m._waived', "' " ~ rule['rule'] ~ " '") }} or {{ contains('m._waived', "' * '") }} then 'waived' else 'quarantine' end || '"}'
            {%- else %} '{{ start }}{{ rule['action'] }}"}'
            {%- endif %} end ||
        {%- endfor %}
        '', 2) || ']'
{%- endmacro %}
