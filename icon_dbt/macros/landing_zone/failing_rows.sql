{# The failing rows of a declared rule, `_row_id` included. A rule is judged once, where promotion is decided; its test reports
   that verdict, so a count on screen, in dbt and in the quarantine cannot differ. Failures never stop a build: they hold rows. #}
{% macro failing_rows(model, rule_name) -%}
    {{ config(severity='warn') }}
    select _row_id, rule_id, column_name, action from {{ model }} where rule_name = '{{ rule_name }}'
{%- endmacro %}
