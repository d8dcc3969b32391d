{# The number is not zero (sign: zero) or not negative (sign: negative). #}
{% test above_zero(model, column, sign) %}{{ failing_rows(model, config.model.name) }}{% endtest %}
