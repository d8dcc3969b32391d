{# The value has a named shape (see has_shape); a missing one passes unless is_required. #}
{% test matches(model, column, shape, is_required=false) %}{{ failing_rows(model, config.model.name) }}{% endtest %}
