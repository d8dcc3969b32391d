{# PAT-10: 1 January is what systems write when they know the year only. Few patients (`least_patients`) tell nothing. #}
{% macro measured__patients__no_placeholder_birthdays(threshold, patients, least_patients) -%}
{%- set share = "avg(case when substr(birth_date, 6) = '01-01' then 1.0 else 0.0 end)" -%}
select
    'patients' as entity,
    {{ share }} as measured,
    case when {{ share }} > {{ threshold }} then 1 else 0 end as is_outside,
    'share of patients born on 1 January, a common placeholder' as detail
from {{ patients }}
having count(*) >= {{ least_patients }}
{%- endmacro %}
