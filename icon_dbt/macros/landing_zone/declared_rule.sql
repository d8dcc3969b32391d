{# One declared rule of a source by its name, for a model that works out ahead what the rule looks up. #}
{% macro declared_rule(entity, name) %}
    {%- set rules = (declared_rules(entity, 'before_promotion') + declared_rules(entity, 'after_promotion')) | selectattr('name', 'equalto', name) | list -%}
    {%- if execute and not rules -%}
        {{ exceptions.raise_compiler_error(model.name ~ " works out rule " ~ name ~ ", which " ~ entity ~ ".yml does not declare") }}
    {%- endif -%}
    {{ return(rules[0] if rules else {'arguments': {}}) }}
{% endmacro %}
