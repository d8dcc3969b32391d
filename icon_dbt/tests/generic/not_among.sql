{# The value is none of a list of placeholders. #}
{% test not_among(model, column, values) %}{{ failing_rows(model, config.model.name) }}{% endtest %}
