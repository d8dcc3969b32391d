{# No other promoted row has the same values in these columns. #}
{% test unique_combination(model, columns) %}{{ failing_rows(model, config.model.name) }}{% endtest %}
