{# Rows that wait, each with every rule that holds it back: entity, _row_id, rule_id. #}
{% macro open_failures(entities=source_names()) -%}
    {%- for entity in entities %}
    select distinct '{{ entity }}' as entity, _row_id, rule_id
    from {{ ref('dq_' ~ entity) }}
    where action = 'quarantine' and _row_id in (select _row_id from {{ ref('row_verdicts_' ~ entity) }} where _status = 'quarantined')
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
