{# FIL-09: the age of the newest delivery of a source. #}
{% macro measured__loads__fresh(threshold, loads) -%}
{%- set days = days_between('max(substr(loaded_at, 1, 10))', as_of()) -%}
select
    entity,
    {{ days }} as measured,
    case when {{ days }} > {{ threshold }} then 1 else 0 end as is_outside,
    'days from the newest delivery to the as-of date' as detail
from {{ loads }}
group by entity
{%- endmacro %}
