{# The checks on whole tables that deliveries.yml declares: [{rule, name, threshold, arguments}]. Empty while dbt parses. #}
{% macro declared_table_checks() %}
    {%- set found = [] -%}
    {%- if execute -%}
        {%- for rule in graph.nodes['model.' ~ project_name ~ '.table_checks'].config.meta['rules'] if rule['kind'] == 'table' -%}
            {%- do found.append({
                'rule': rule['meta']['rule'], 'name': rule['name'], 'threshold': rule['meta']['threshold'],
                'arguments': rule.get('arguments', {})}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found) }}
{% endmacro %}
