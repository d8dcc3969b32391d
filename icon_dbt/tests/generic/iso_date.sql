{# The value is a day that exists, as YYYY-MM-DD. #}
{% test iso_date(model, column) %}{{ failing_rows(model, config.model.name) }}{% endtest %}
