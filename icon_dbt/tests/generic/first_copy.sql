{# No row above it in the same file is the same. #}
{% test first_copy(model) %}{{ failing_rows(model, config.model.name) }}{% endtest %}
