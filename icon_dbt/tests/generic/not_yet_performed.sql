{# The patient has no encounter with this procedure. #}
{% test not_yet_performed(model, column, patient, encounters) %}{{ failing_rows(model, config.model.name) }}{% endtest %}
