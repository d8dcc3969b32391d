{# The verdicts that an earlier build left. row_verdicts_<entity> is made from the models that read them, so they are no `ref`, which
   would close a circle, but a source: what stood before this build. #}
{% macro earlier_verdicts(entity) %}{{ return(source('earlier_build', 'row_verdicts_' ~ entity)) }}{% endmacro %}
