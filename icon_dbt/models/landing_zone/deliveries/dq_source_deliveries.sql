{{ config(materialized='table') }}
-- a load that was undone, or waits at the gate, has delivered nothing; one without rows has: that nothing happened
with loads as (

    select
        *,
        case when status = 'loaded' and gate <> 'held' then 1 else 0 end as is_in_force,
        case when status = 'loaded' and gate = 'held' then 1 else 0 end as is_held
    from {{ source('control', 'ops_loads') }}

),

sources as (
    {% for name in source_names() %}
    select '{{ name }}' as entity{{ ' union all' if not loop.last }}
    {%- endfor %}

),

final as (

    select
        sources.entity,
        cast(coalesce(sum(loads.is_in_force), 0) as {{ integer_type() }}) as load_count,
        cast(coalesce(max(loads.is_in_force), 0) as {{ integer_type() }}) as is_delivered,
        cast(case
            when max(loads.is_in_force) = 1 then 'delivered'
            when max(loads.is_held) = 1 then 'held'
            when count(loads.load_id) > 0 then 'taken_back'
            else 'never_delivered'
        end as text) as state
    from sources
    left join loads on sources.entity = loads.entity
    group by sources.entity

)

select * from final
