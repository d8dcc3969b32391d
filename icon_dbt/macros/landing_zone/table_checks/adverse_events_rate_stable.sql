{# ADV-04: the event rate of a procedure in the newest delivery beside all before, on the variance-stabilising root scale. #}
{% macro measured__adverse_events__rate_stable(threshold, event_counts) -%}
{%- set expected = 'newest.encounter_count * 1.0 * earlier.event_count / earlier.encounter_count' -%}
{%- set distance = 'max(abs(2 * (sqrt(newest.event_count) - sqrt(' ~ expected ~ '))))' -%}
select
    'adverse_events' as entity,
    {{ distance }} as measured,
    case when {{ distance }} > {{ threshold }} then 1 else 0 end as is_outside,
    'largest difference, in standard errors, of a procedure''s event rate from the deliveries before' as detail
from {{ event_counts }} as newest
inner join {{ event_counts }} as earlier on newest.cpt = earlier.cpt and earlier.is_new = 0
where newest.is_new = 1
having count(*) > 0
{%- endmacro %}
