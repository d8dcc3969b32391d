{# The patient has no encounter with this procedure. #}
{% test not_yet_performed(model, column, patient) %}{{ failing_rows(model, config.model.name) }}{% endtest %}
