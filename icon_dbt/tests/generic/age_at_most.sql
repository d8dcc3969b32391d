{# The age on the day of arrival, in completed years, is at most `years`. #}
{% test age_at_most(model, column, years) %}{{ failing_rows(model, config.model.name) }}{% endtest %}
