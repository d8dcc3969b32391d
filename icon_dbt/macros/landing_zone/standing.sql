{# Rows of a source that stand: promoted or open. A rule that looks for a partner must not call an open one absent. #}
{% macro standing(entity) -%}{{ _standing_rows(ref('row_verdicts_' ~ entity)) }}{%- endmacro %}

{% macro _standing_rows(checked) -%}(select * from {{ checked }} where _status in ('promoted', 'quarantined')){%- endmacro %}
