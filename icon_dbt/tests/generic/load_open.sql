{# The load of the row is not held at the batch gate. #}
{% test load_open(model) %}{{ failing_rows(model, config.model.name) }}{% endtest %}
