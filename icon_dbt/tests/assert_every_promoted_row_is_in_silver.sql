-- the gate and silver hold the same rows, source by source
with counts as (
    {%- for entity in source_names() %}
    select
        '{{ entity }}' as entity,
        (select count(*) from {{ ref('promoted_' ~ entity) }}) as promoted,
        (select count(*) from {{ ref('std_' ~ entity) }}) as silver
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select entity, promoted, silver
from counts
where promoted <> silver
