{# Arguments of rules that name a relation: its name, or for `children` a map from names to columns. #}
{% macro relation_arguments() %}{{ return(['parent', 'children', 'patients', 'procedures', 'networks', 'encounters', 'outlying']) }}{% endmacro %}
