{# The referred patient does not contradict the patients that are known. #}
{% test same_person(model, column, check, patients, most_born_that_year=none) %}{{ failing_rows(model, config.model.name) }}{% endtest %}
