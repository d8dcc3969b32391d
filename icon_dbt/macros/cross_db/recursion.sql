{# Body of the recursive CTE `name`: the rows of `start`, and whatever any of `steps` reaches from them, each row once. An engine whose
   recursions keep no row apart from another (BigQuery, Spark) needs another way than these two. #}
{% macro closure(name, start, steps) %}{{ return(adapter.dispatch('closure', 'icon_dbt')(name, start, steps)) }}{% endmacro %}
{% macro sqlite__closure(name, start, steps) -%}
    select * from ({{ start }}) as started
    {%- for step in steps %}
    union
    {{ step }}
    {%- endfor %}
{%- endmacro %}
{% macro duckdb__closure(name, start, steps) -%}
    select * from ({{ start }}) as started
    union (
    {{ steps | join('\n    union all\n    ') }}
    )
{%- endmacro %}
