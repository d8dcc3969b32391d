{# The expression of a declared rule. `relations` maps each relation name that rules may look at to its relation: a rule that
   names another one is a compile error, so a parent can never be judged after its child. #}
{% macro passes(rule, relations={}) %}
    {%- set kind = context.get('passes__' ~ rule['kind']) -%}
    {%- if kind is none -%}
        {{ exceptions.raise_compiler_error("rule " ~ rule['name'] ~ ": no macro passes__" ~ rule['kind'] ~ " in macros/landing_zone/rule_kinds.sql") }}
    {%- endif -%}
    {%- set arguments = {} -%}
    {%- for name, value in rule['arguments'].items() -%}
        {%- if name == 'children' -%}
            {%- set children = {} -%}
            {%- for child, field in value.items() -%}
                {%- do children.update({_known_relation(rule, child, relations): field}) -%}
            {%- endfor -%}
            {%- do arguments.update({name: children}) -%}
        {%- elif name in relation_arguments() -%}
            {%- do arguments.update({name: _known_relation(rule, value, relations)}) -%}
        {%- else -%}
            {%- do arguments.update({name: value}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if rule['kind'] in ('unique_value', 'unique_without_zeros', 'unique_combination') -%}
        {%- do arguments.update({'own': relations['own']}) -%}
    {%- endif -%}
    {{ return(kind(**arguments)) }}
{% endmacro %}

{% macro _known_relation(rule, name, relations) %}
    {%- if name not in relations -%}
        {{ exceptions.raise_compiler_error("rule " ~ rule['name'] ~ " looks at " ~ name ~ ": add it to the relations of " ~ model.name) }}
    {%- endif -%}
    {{ return(relations[name]) }}
{% endmacro %}
