{# The NPI carries the Luhn check digit of 80840 and its first nine digits. #}
{% test luhn(model, column) %}{{ failing_rows(model, config.model.name) }}{% endtest %}
