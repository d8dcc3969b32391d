{# NET-08: the share of an employer's list that its newest delivery no longer holds. #}
{% macro measured__employer_networks__not_shrunk(threshold, network_sizes) -%}
select
    'employer_networks' as entity,
    max(1 - 1.0 * newest.listed / earlier.listed) as measured,
    case when max(1 - 1.0 * newest.listed / earlier.listed) > {{ threshold }} then 1 else 0 end as is_outside,
    'largest share of an employer''s list that the newest delivery no longer holds' as detail
from {{ network_sizes }} as newest
inner join {{ network_sizes }} as earlier on newest.employer_id = earlier.employer_id and earlier.recency = 2
where newest.recency = 1
having count(*) > 0
{%- endmacro %}
