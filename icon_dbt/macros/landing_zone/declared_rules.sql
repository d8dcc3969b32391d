{# The rules declared on dq_<entity> for a stage, as plain data: [{rule, name, kind, column, action, arguments}].
   Empty while dbt parses and inside unit tests, where it is overridden. #}
{% macro declared_rules(entity, stage) %}
    {%- set found = [] -%}
    {%- if execute -%}
        {%- for node in graph.nodes.values()
            if node.resource_type == 'test' and node.test_metadata and (node.attached_node or '').split('.')[-1] == 'dq_' ~ entity
            and (node.config.meta or {}).get('rule') and node.config.meta.get('stage', 'before_promotion') == stage and node.config.enabled -%}
            {%- set arguments = {} -%}
            {%- for name, value in node.test_metadata.kwargs.items() if name != 'model' -%}
                {%- do arguments.update({name: value}) -%}
            {%- endfor -%}
            {%- do found.append({
                'rule': node.config.meta['rule'], 'name': node.name, 'kind': node.test_metadata.name,
                'column': arguments.get('column'), 'action': node.config.meta['action'], 'arguments': arguments}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found | sort(attribute='name')) }}
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
        {%- if name == 'parent' -%}
            {%- do arguments.update({name: known_relation(rule, value, relations)}) -%}
        {%- elif name == 'children' -%}
            {%- set children = {} -%}
            {%- for child, field in value.items() -%}
                {%- do children.update({known_relation(rule, child, relations): field}) -%}
            {%- endfor -%}
            {%- do arguments.update({name: children}) -%}
        {%- else -%}
            {%- do arguments.update({name: value}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set wanted = {
        'near_reference_fee': {'parent': 'cpt_code'},
        'not_outlying': {'outlying': 'outlying_paid_amounts'},
        'plausible_age': {'patients': 'patients', 'procedures': 'cpt_code'},
        'same_person': {'patients': 'patients'},
        'has_candidate': {'networks': 'employer_networks', 'encounters': 'encounters'},
        'not_yet_performed': {'encounters': 'encounters'}} -%}
    {%- for argument, relation in wanted.get(rule['kind'], {}).items() -%}
        {%- do arguments.update({argument: known_relation(rule, relation, relations)}) -%}
    {%- endfor -%}
    {%- if rule['kind'] in ('unique_value', 'unique_combination') -%}
        {%- do arguments.update({'own': relations['own']}) -%}
    {%- endif -%}
    {{ return(kind(**arguments)) }}
{% endmacro %}

{% macro known_relation(rule, name, relations) %}
    {%- if name not in relations -%}
        {{ exceptions.raise_compiler_error("rule " ~ rule['name'] ~ " looks at " ~ name ~ ": add it to the relations of " ~ model.name) }}
    {%- endif -%}
    {{ return(relations[name]) }}
{% endmacro %}
