{# No other promoted row has the same value. #}
{% test unique_value(model, column) %}{{ failing_rows(model, config.model.name) }}{% endtest %}
