{# Every declared rule in the order of its declaration: [{rule, name, entity, action, stage, threshold}]; entity 'any' where the
   rule judges files or tables of any source. Empty while dbt parses; a unit test overrides it. #}
{% macro all_declared_rules(entities) %}
    {%- set found = [] -%}
    {%- if execute -%}
        {%- for entity in entities -%}
            {%- for stage in ['before_promotion', 'after_promotion'] -%}
                {%- for rule in declared_rules(entity, stage) -%}
                    {%- do found.append({
                        'rule': rule['rule'], 'name': rule['name'], 'entity': entity, 'action': rule['action'], 'stage': stage, 'threshold': none}) -%}
                {%- endfor -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- for rule in graph.nodes['model.' ~ project_name ~ '.table_checks'].config.meta['rules'] -%}
            {%- set meta = rule['meta'] -%}
            {%- do found.append({
                'rule': meta['rule'], 'name': rule['name'], 'entity': rule.get('entity', 'any'), 'action': meta['action'],
                'stage': rule['kind'], 'threshold': meta.get('threshold')}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found) }}
{% endmacro %}
