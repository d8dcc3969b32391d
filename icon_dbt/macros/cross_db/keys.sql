{# Statements on tables that a model does not build: bookkeeping by key, and indexes. #}

{# The rows of `query`, without those that the table has already; all columns of the table are its key. `query` ends in a condition. #}
{% macro add_new_keys(table, query) %}{{ return(adapter.dispatch('add_new_keys', 'icon_dbt')(table, query)) }}{% endmacro %}
{% macro sqlite__add_new_keys(table, query) %}insert into {{ table }} {{ query }} on conflict do nothing{% endmacro %}
{# Without a primary key, which makes DuckDB check each row by itself: 30 s instead of 1 for 250,000. #}
{% macro duckdb__add_new_keys(table, query) %}insert into {{ table }} {{ query }} except select * from {{ table }}{% endmacro %}

{# The one row of `query` in place of the row with its key; `columns` are all columns of the table, the key first. `query` ends in
   a condition. #}
{% macro put_row(table, columns, query) %}{{ return(adapter.dispatch('put_row', 'icon_dbt')(table, columns, query)) }}{% endmacro %}
{% macro sqlite__put_row(table, columns, query) -%}
    insert into {{ table }} ({{ columns | join(', ') }}) {{ query }} on conflict ({{ columns[0] }}) do update set
    {%- for column in columns[1:] %} {{ column }} = excluded.{{ column }}{{ ',' if not loop.last }}{% endfor %}
{%- endmacro %}
{% macro duckdb__put_row(table, columns, query) %}{{ return(sqlite__put_row(table, columns, query)) }}{% endmacro %}

{# An index on this model, from a hook: dbt's materializations of tables make none. An engine that reads by columns needs none. #}
{% macro index_on(columns, unique=false, where=none) %}{{ return(adapter.dispatch('index_on', 'icon_dbt')(columns, unique, where)) }}{% endmacro %}
{% macro sqlite__index_on(columns, unique, where) -%}
    {{ sqlite__get_create_index_sql(this, {'columns': columns, 'unique': unique, 'where': where}) }}
{%- endmacro %}
{% macro duckdb__index_on(columns, unique, where) %}select 1{% endmacro %}
