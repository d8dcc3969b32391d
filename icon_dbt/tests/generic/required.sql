{# The value is present. #}
{% test required(model, column) %}{{ failing_rows(model, config.model.name) }}{% endtest %}
