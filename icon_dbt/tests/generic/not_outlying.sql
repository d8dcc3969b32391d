{# The robust z of ln(amount) within a group of at least `least` rows is at most `z_limit`. #}
{% test not_outlying(model, column, within, z_limit, least, outlying) %}{{ failing_rows(model, config.model.name) }}{% endtest %}
