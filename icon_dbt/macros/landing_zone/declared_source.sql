{# What the YAML of a source declares, as plain data. Empty while dbt parses; a unit test overrides these two. #}

{# [{name, delivered, cleaning, derived}] for each mapped column, in order. #}
{% macro declared_columns(entity) %}
    {%- set found = [] -%}
    {%- if execute -%}
        {%- for column in graph.nodes['model.' ~ project_name ~ '.stg_' ~ entity].columns.values() if not column.name.startswith('_') -%}
            {%- set meta = (column.config or {}).get('meta') or column.meta -%}
            {%- do found.append({
                'name': column.name, 'delivered': meta.get('delivered'), 'cleaning': meta.get('cleaning'), 'derived': meta.get('derived')}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found) }}
{% endmacro %}

{# {key, replaces_list_of}: the mapped columns that identify a row, and the column whose lists replace each other as a whole. #}
{% macro declared_source(entity) %}
    {{ return(graph.nodes['model.' ~ project_name ~ '.stg_' ~ entity].config.meta['source'] if execute else {'key': []}) }}
{% endmacro %}

{# Whether a column of the source holds dates, so that it matters in which order its files write day and month. #}
{% macro has_dates(entity) %}{{ return(declared_columns(entity) | selectattr('cleaning', 'equalto', 'date') | list | length > 0) }}{% endmacro %}

{# Columns beside the mapped ones that the rows in scope and their verdicts carry. #}
{% macro verdict_columns(entity) %}
    {%- set helpers = [
        '_row_id', '_load_id', '_source_file', '_source_row_number', '_loaded_at', '_position', '_load_seq', '_is_held', '_is_rejected',
        '_waived', '_fixes', '_content', '_current', '_key', '_family'] -%}
    {{ return((declared_columns(entity) | map(attribute='name') | list) + helpers) }}
{% endmacro %}
