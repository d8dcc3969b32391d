{# The select behind a declared check: entity, measured, is_outside, detail. `table__loads__fresh` is measured__loads__fresh, which
   takes the threshold and the declared arguments. An argument that is a text names one of `relations`: {name: relation}. #}
{% macro measured(check, relations) %}
    {%- set name = 'measured__' ~ check['name'].split('table__')[1] -%}
    {%- if context.get(name) is none -%}
        {{ exceptions.raise_compiler_error("check " ~ check['name'] ~ ": no macro " ~ name ~ " in macros/landing_zone/table_checks") }}
    {%- endif -%}
    {%- set arguments = {} -%}
    {%- for argument, value in check['arguments'].items() -%}
        {%- if value is string and value not in relations -%}
            {{ exceptions.raise_compiler_error("check " ~ check['name'] ~ ": table_checks has no relation " ~ value ~ ", only " ~ relations | join(', ')) }}
        {%- endif -%}
        {%- do arguments.update({argument: relations[value] if value is string else value}) -%}
    {%- endfor -%}
    {{ return(context[name](check['threshold'], **arguments)) }}
{% endmacro %}
