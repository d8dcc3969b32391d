{# The content is not that of an older version of the key. #}
{% test not_reverted(model) %}{{ failing_rows(model, config.model.name) }}{% endtest %}
