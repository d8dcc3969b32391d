{# Functions that an engine needs beside its own, made before anything is built. #}
{% macro define_functions() %}{{ return(adapter.dispatch('define_functions', 'icon_dbt')()) }}{% endmacro %}
{% macro sqlite__define_functions() %}{% endmacro %}
{# Null where SQLite has it: outside of the domain, and where nothing is known. #}
{% macro duckdb__define_functions() -%}
    create or replace macro known_ln(x) as ln(case when x > 0 then x end);
    create or replace macro known_sqrt(x) as sqrt(case when x >= 0 then x end);
    create or replace macro known_asin(x) as asin(case when x between -1 and 1 then x end);
    create or replace macro known_pow(x, y) as case
        when x = 0 and y < 0 then cast('inf' as double)
        when x > 0 or x = 0 or y = trunc(y) then pow(x, y)
    end;
{%- endmacro %}

{# A statement in which what is written alike means what it means to SQLite; texts, names and comments stay.
   - A number with a point is a decimal to DuckDB, which multiplies exactly and stops where it has no more places: here it is the
     float that it is to SQLite.
   - A logarithm, root, power or arc sine of what has none stops the build there: here it is null. #}
{% macro duckdb__as_meant(sql) -%}
    {{ return(modules.re.sub("'(?:[^']|'')*'|\"[^\"]*\"|--[^\n]*|(?<![\w.])(\d+[.]\d*|[.]\d+)(?![\w.])|\\b(ln|sqrt|pow|asin)(?=[(])", duckdb__meant, sql)) }}
{%- endmacro %}

{% macro duckdb__meant(place) -%}
    {%- set number, function = place.groups() -%}
    {{ return(number ~ 'e0' if number else 'known_' ~ function if function else place.group(0)) }}
{%- endmacro %}
