{# The select behind a declared check: entity, measured, is_outside, detail. `table__loads__fresh` is measured__loads__fresh, which
   takes the threshold and the declared arguments. #}
{% macro measured(check) %}
    {%- set name = 'measured__' ~ check['name'].split('table__')[1] -%}
    {%- if context.get(name) is none -%}
        {{ exceptions.raise_compiler_error("check " ~ check['name'] ~ ": no macro " ~ name ~ " in macros/landing_zone/table_checks") }}
    {%- endif -%}
    {{ return(context[name](check['threshold'], **check['arguments'])) }}
{% endmacro %}
