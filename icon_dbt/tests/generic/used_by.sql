{# At least one of the child relations refers to the value. #}
{% test used_by(model, column, children) %}{{ failing_rows(model, config.model.name) }}{% endtest %}
