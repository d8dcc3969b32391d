{# Whether there are any. What a unit test gives in their place stands in no schema. #}
{% macro has_earlier_verdicts(entity) %}
    {%- set relation = earlier_verdicts(entity) -%}
    {{ return(execute and relation.schema is not none and load_relation(relation) is not none) }}
{% endmacro %}
