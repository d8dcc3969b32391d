{# The rules declared under config.meta.rules of dq_<entity>, of a stage, as plain data:
   [{rule, name, kind, column, action, arguments}]. Empty while dbt parses and inside unit tests, where it is overridden. #}
{% macro declared_rules(entity, stage) %}
    {%- set rules = [] -%}
    {%- if execute -%}
        {%- for rule in graph.nodes['model.' ~ project_name ~ '.dq_' ~ entity].config.meta['rules']
            if rule['meta'].get('stage', 'before_promotion') == stage -%}
            {%- set arguments = rule.get('arguments', {}) -%}
            {%- do rules.append({
                'rule': rule['meta']['rule'], 'name': rule['name'], 'kind': rule['kind'],
                'column': arguments.get('column'), 'action': rule['meta']['action'], 'arguments': arguments}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(rules | sort(attribute='name')) }}
{% endmacro %}
