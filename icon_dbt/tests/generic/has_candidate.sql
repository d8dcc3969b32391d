{# A provider of the employer's network has performed the procedure. #}
{% test has_candidate(model, column, employer, networks, encounters) %}{{ failing_rows(model, config.model.name) }}{% endtest %}
