{# The value is a plain decimal number. #}
{% test number(model, column, is_required=false) %}{{ failing_rows(model, config.model.name) }}{% endtest %}
