{# The number is not larger than the limit, whatever its sign. #}
{% test at_most(model, column, most) %}{{ failing_rows(model, config.model.name) }}{% endtest %}
