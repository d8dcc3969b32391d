{# FIL-08: the newest delivery of a source beside the median of so many `deliveries` before it. #}
{% macro measured__rows__usual_size(threshold, numbered_loads, deliveries) -%}
select
    newest.entity,
    1.0 * newest.received / usual.median_received as measured,
    case when abs(1.0 * newest.received / usual.median_received - 1) > {{ threshold }} then 1 else 0 end as is_outside,
    'rows of the newest delivery as a share of the median of the {{ deliveries }} before' as detail
from {{ numbered_loads }} as newest
inner join (
    select entity, avg(received) as median_received
    from (
        select
            entity,
            received,
            row_number() over (partition by entity order by received) as place,
            count(*) over (partition by entity) as load_count
        from {{ numbered_loads }}
        where recency between 2 and {{ deliveries + 1 }}
    ) as earlier
    where place in ({{ whole_quotient('load_count + 1', '2') }}, {{ whole_quotient('load_count + 2', '2') }})
    group by entity
) as usual on newest.entity = usual.entity
where newest.recency = 1
{%- endmacro %}
