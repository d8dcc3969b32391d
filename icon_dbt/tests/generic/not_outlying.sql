{# The robust z of ln(amount) within a group of at least `least` rows is at most `limit`. #}
{% test not_outlying(model, column, within, limit, least, outlying) %}{{ failing_rows(model, config.model.name) }}{% endtest %}
