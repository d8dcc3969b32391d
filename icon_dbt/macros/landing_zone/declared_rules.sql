{# The rules declared under config.meta.rules of dq_<entity>, of a stage, as plain data:
   [{rule, name, kind, column, action, arguments}]. Empty while dbt parses and inside unit tests, where it is overridden. #}
{% macro declared_rules(entity, stage) %}
    {%- set rules = [] -%}
    {%- if execute -%}
        {%- for rule in graph.nodes['model.' ~ project_name ~ '.dq_' ~ entity].config.meta['rules']
            if rule['meta'].get('stage', 'before_promotion') == stage -%}
            {%- set arguments = rule.get('arguments', {}) -%}
            {%- do rules.append({
                'rule': rule['meta']['rule'], 'name': rule['name'], 'kind': rule['kind'],
                'column': arguments.get('column'), 'action': rule['meta']['action'], 'arguments': arguments}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(rules | sort(attribute='name')) }}
{% endmacro %}

{# One declared rule of a source by its name, for a model that works out ahead what the rule looks up. #}
{% macro declared_rule(entity, name) %}
    {%- set rules = (declared_rules(entity, 'before_promotion') + declared_rules(entity, 'after_promotion')) | selectattr('name', 'equalto', name) | list -%}
    {%- if execute and not rules -%}
        {{ exceptions.raise_compiler_error(model.name ~ " works out rule " ~ name ~ ", which " ~ entity ~ ".yml does not declare") }}
    {%- endif -%}
    {{ return(rules[0] if rules else {'arguments': {}}) }}
{% endmacro %}

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
                {%- do children.update({known_relation(rule, child, relations): field}) -%}
            {%- endfor -%}
            {%- do arguments.update({name: children}) -%}
        {%- elif name in relation_arguments() -%}
            {%- do arguments.update({name: known_relation(rule, value, relations)}) -%}
        {%- else -%}
            {%- do arguments.update({name: value}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if rule['kind'] in ('unique_value', 'unique_without_zeros', 'unique_combination') -%}
        {%- do arguments.update({'own': relations['own']}) -%}
    {%- endif -%}
    {{ return(kind(**arguments)) }}
{% endmacro %}

{# Arguments of rules that name a relation: its name, or for `children` a map from names to columns. #}
{% macro relation_arguments() %}{{ return(['parent', 'children', 'patients', 'procedures', 'networks', 'encounters', 'outlying']) }}{% endmacro %}

{% macro known_relation(rule, name, relations) %}
    {%- if name not in relations -%}
        {{ exceptions.raise_compiler_error("rule " ~ rule['name'] ~ " looks at " ~ name ~ ": add it to the relations of " ~ model.name) }}
    {%- endif -%}
    {{ return(relations[name]) }}
{% endmacro %}
