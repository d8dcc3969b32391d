{# What the rules of a source found, a row of it and rule: one test reports them all. Each rule is judged once, where promotion
   is decided, so a count on screen, in dbt and in quarantine cannot differ. Failures never stop a build: they hold rows. #}
{% test reported_failures(model) %}
{{ config(severity='warn') }}
select _row_id, rule_id, rule_name, column_name, action from {{ model }}
{% endtest %}
