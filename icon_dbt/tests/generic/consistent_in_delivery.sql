{# Rows of one delivery with the same key agree in this column. #}
{% test consistent_in_delivery(model, column) %}{{ failing_rows(model, config.model.name) }}{% endtest %}
