{# A provider of the employer's network has performed the procedure. #}
{% test has_candidate(model, column, employer) %}{{ failing_rows(model, config.model.name) }}{% endtest %}
