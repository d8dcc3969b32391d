{# No other row of the same delivery has the same key and different content. #}
{% test single_version(model) %}{{ failing_rows(model, config.model.name) }}{% endtest %}
