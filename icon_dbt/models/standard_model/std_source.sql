{{ config(materialized='table') }}
-- rows wait for the keys of their parents, so a source says something only when its parents were delivered too
with deliveries as (

    select * from {{ ref('dq_source_deliveries') }}

),

needed as (
    {% for name in source_names() %}
    {%- set outer = loop %}
    {%- for other in needed_sources(name) %}
    select '{{ name }}' as entity, '{{ other }}' as needed_entity
    {{- ' union all' if not (outer.last and loop.last) }}
    {%- endfor %}
    {%- endfor %}

),

final as (

    select
        needed.entity,
        cast(max(case when needed.needed_entity = needed.entity then deliveries.is_delivered end) as {{ integer_type() }}) as is_delivered,
        cast(max(case when needed.needed_entity = needed.entity then deliveries.state end) as text) as state,
        cast(min(deliveries.is_delivered) as {{ integer_type() }}) as is_known
    from needed
    inner join deliveries on needed.needed_entity = deliveries.entity
    group by needed.entity

)

select * from final
