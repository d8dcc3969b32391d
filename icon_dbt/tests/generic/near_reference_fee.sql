{# The amount is at least `low` times or at most `high` times the reference fee of the procedure. #}
{% test near_reference_fee(model, column, code, parent, low=none, high=none) %}{{ failing_rows(model, config.model.name) }}{% endtest %}
