{# The value stands in `field` of the relation `parent`. #}
{% test known_in(model, column, parent, field) %}{{ failing_rows(model, config.model.name) }}{% endtest %}
