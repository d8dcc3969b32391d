-- the gate and silver hold the same rows, source by source
{%- for entity in source_names() %}
select '{{ entity }}' as entity, promoted.row_count as promoted, silver.row_count as silver
from (select count(*) as row_count from {{ ref('promoted_' ~ entity) }}) as promoted
cross join (select count(*) as row_count from {{ ref('std_' ~ entity) }}) as silver
where promoted.row_count <> silver.row_count
{{ 'union all' if not loop.last }}
{%- endfor %}
