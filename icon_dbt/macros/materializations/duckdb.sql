{# What stock dbt-duckdb says otherwise than the project means it. #}

{% macro duckdb__create_table_as(temporary, relation, compiled_code, language='sql', partitioned_by=none, sorted_by=none) -%}
    {{ return(dbt.duckdb__create_table_as(temporary, relation, duckdb__as_meant(compiled_code), language)) }}
{%- endmacro %}

{% macro duckdb__create_view_as(relation, sql) -%}
    {{ return(dbt.duckdb__create_view_as(relation, duckdb__as_meant(sql))) }}
{%- endmacro %}

{% macro duckdb__get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) -%}
    {{ return(dbt.default__get_test_sql(duckdb__as_meant(main_sql), fail_calc, warn_if, error_if, limit)) }}
{%- endmacro %}

{# An engine that reads by columns needs no index, and a unique one makes it slow. #}
{% macro duckdb__create_indexes(relation) %}{% endmacro %}

{# Columns of a seed by the meaning of their declared types: text, integer or real. #}
{% macro duckdb__create_csv_table(model, agate_table) -%}
    {%- set types = {'text': 'text', 'integer': integer_type(), 'real': float_type()} -%}
    {%- set columns = [] -%}
    {%- for name in agate_table.column_names -%}
        {%- set inferred = adapter.convert_type(agate_table, loop.index0) | lower -%}
        {%- set declared = model['config'].get('column_types', {}).get(name, 'text' if inferred in ('text', 'string', 'varchar') else inferred) -%}
        {%- if declared not in types -%}
            {{ exceptions.raise_compiler_error(model['name'] ~ ': declare ' ~ name ~ ' under column_types as text, integer or real') }}
        {%- endif -%}
        {%- do columns.append(name ~ ' ' ~ types[declared]) -%}
    {%- endfor -%}
    {%- set sql = 'create table ' ~ this.render() ~ ' (' ~ columns | join(', ') ~ ')' -%}
    {%- call statement('_') -%}{{ sql }}{%- endcall -%}
    {{ return(sql) }}
{%- endmacro %}
