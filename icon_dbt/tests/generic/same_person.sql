{# The referred patient does not contradict the patients that are known. #}
{% test same_person(model, column, check) %}{{ failing_rows(model, config.model.name) }}{% endtest %}
