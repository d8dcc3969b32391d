{# The age of the patient lies in the plausible range of the procedure. #}
{% test plausible_age(model, column, patient, patients, procedures) %}{{ failing_rows(model, config.model.name) }}{% endtest %}
