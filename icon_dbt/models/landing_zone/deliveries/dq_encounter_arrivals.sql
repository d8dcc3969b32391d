-- the first load of each encounter: a correction or a second sending of it says nothing new of when its events may arrive
with delivered as (

    select encounter_id, _load_id from {{ ref('row_verdicts_encounters') }} where encounter_id is not null and _status <> 'rejected'

),

loads as (

    select load_id, load_seq from {{ source('control', 'ops_loads') }} where status = 'loaded' and gate <> 'held'

),

final as (

    select delivered.encounter_id, cast(min(loads.load_seq) as {{ integer_type() }}) as first_load_seq
    from delivered
    inner join loads on delivered._load_id = loads.load_id
    group by delivered.encounter_id

)

select * from final
