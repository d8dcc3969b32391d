{# The cell was used as delivered; a failure is the log of a repair that lost nothing. #}
{% test untouched(model, fix) %}{{ failing_rows(model, config.model.name) }}{% endtest %}
