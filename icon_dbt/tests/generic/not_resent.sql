{# The delivery before did not hold the same content under the same key. #}
{% test not_resent(model) %}{{ failing_rows(model, config.model.name) }}{% endtest %}
