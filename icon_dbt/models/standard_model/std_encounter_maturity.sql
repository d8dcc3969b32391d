{{ config(materialized='table', post_hook="{{ index_on(['encounter_id'], unique=true) }}") }}
-- whether the adverse events of an encounter can have arrived: no source carries a date, so deliveries are the clock
with encounters as (

    select encounter_id from {{ ref('promoted_encounters') }}

),

arrivals as (

    select * from {{ ref('dq_encounter_arrivals') }}

),

accepted as (

    select load_seq, entity
    from {{ source('control', 'ops_loads') }}
    where status = 'loaded' and gate <> 'held' and entity in ('{{ needed_sources('adverse_events') | join("', '") }}')

),

newest_events as (

    select max(load_seq) as load_seq from accepted where entity = 'adverse_events'

),

-- files of a delivery come parents first, so events after another parent or other events are of a later one
loads as (

    select accepted.load_seq, min(later.load_seq) as next_load_seq
    from accepted
    left join accepted as later on accepted.load_seq < later.load_seq
    where accepted.entity = 'encounters'
    group by accepted.load_seq

),

judged as (

    select
        encounters.encounter_id,
        case when loads.next_load_seq < newest_events.load_seq then 1 else 0 end as is_label_mature,
        case when loads.load_seq < newest_events.load_seq then 1 else 0 end as is_followed
    from encounters
    left join arrivals on encounters.encounter_id = arrivals.encounter_id
    left join loads on arrivals.first_load_seq = loads.load_seq
    cross join newest_events

),

-- in a first delivery nothing is confirmed by a later one: there, events of the delivery itself have to do
final as (

    select
        encounter_id,
        cast(is_label_mature as {{ integer_type() }}) as is_label_mature,
        cast(case when max(is_label_mature) over () = 1 then is_label_mature else is_followed end as {{ integer_type() }}) as is_outcome_counted
    from judged

)

select * from final
