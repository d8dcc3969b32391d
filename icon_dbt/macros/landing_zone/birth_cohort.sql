{# All of one sex who were born in one year. #}
{% macro birth_cohort(row, birth_date='birth_date') %}{{ row }}.gender || substr({{ row }}.{{ birth_date }}, 1, 4){% endmacro %}
