{# The date is not after the day on which the row arrived. #}
{% test not_after_delivery(model, column) %}{{ failing_rows(model, config.model.name) }}{% endtest %}
