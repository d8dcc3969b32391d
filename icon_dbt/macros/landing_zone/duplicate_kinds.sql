{# Kinds of rules that say why a row is a duplicate; a duplicate is told nothing else, and other rows never fail them. #}
{% macro duplicate_kinds() %}{{ return(['first_copy', 'not_resent']) }}{% endmacro %}
