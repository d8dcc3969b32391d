{# The stock macro drops with auto_begin=False, that is in autocommit: a model that fails or dies loses its old table. #}
{% macro sqlite__drop_relation(relation) -%}
    {% call statement('drop_relation', auto_begin=True) -%}
        drop {{ relation.type }} if exists {{ relation }}
    {%- endcall %}
{% endmacro %}

{# Every relation lives in the one published file, whatever schema a node asks for. #}
{% macro generate_schema_name(custom_schema_name=none, node=none) -%}
    {{ target.schema }}
{%- endmacro %}

{# dbt-sqlite's ref and source take exactly one name; restore the full signatures. #}
{% macro ref() %}{% do return(portable(builtins.ref(*varargs, **kwargs))) %}{% endmacro %}
{% macro source() %}{% do return(portable(builtins.source(*varargs, **kwargs))) %}{% endmacro %}

{# A file of DuckDB may be called otherwise tomorrow, so its views name what they read without the file. #}
{% macro portable(relation) %}{{ return(relation.include(database=false) if target.type == 'duckdb' else relation) }}{% endmacro %}
