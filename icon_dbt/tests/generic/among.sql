{# The value is one of a list; a missing one fails. #}
{% test among(model, column, values) %}{{ failing_rows(model, config.model.name) }}{% endtest %}
