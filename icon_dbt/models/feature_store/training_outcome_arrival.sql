{{ config(materialized='table', indexes=[{'columns': ['npi', 'arrival_seq']}]) }}

with cells as (
    select encounter_id, npi, cpt, age_band, sex from {{ ref('int_encounter_risk_cell') }}
),

delivered as (
    select encounter_id, _load_id from {{ ref('std_encounters') }}
),

adverse_events as (
    select encounter_id, _load_id from {{ ref('std_adverse_events') }}
),

accepted as (
    select load_id, load_seq, entity
    from {{ source('control', 'ops_loads') }}
    where status = 'loaded' and gate <> 'held'
),

event_loads as (
    select load_seq from accepted where entity = 'adverse_events'
),

-- the outcome of an encounter is unknown until events arrive after it
encounter_loads as (
    select
        accepted.load_id,
        accepted.load_seq,
        min(event_loads.load_seq) as outcome_seq
    from accepted
    left join event_loads on accepted.load_seq < event_loads.load_seq
    where accepted.entity = 'encounters'
    group by accepted.load_id, accepted.load_seq
),

events as (
    select adverse_events.encounter_id, accepted.load_seq
    from adverse_events
    inner join accepted on adverse_events._load_id = accepted.load_id
),

encounters as (
    select
        cells.npi,
        cells.cpt,
        cells.age_band,
        cells.sex,
        encounter_loads.load_id,
        encounter_loads.load_seq,
        encounter_loads.outcome_seq,
        {{ larger_of('events.load_seq', 'encounter_loads.outcome_seq') }} as event_seq
    from cells
    inner join delivered on cells.encounter_id = delivered.encounter_id
    inner join encounter_loads on delivered._load_id = encounter_loads.load_id
    left join events on cells.encounter_id = events.encounter_id
),

arrivals as (
    select npi, cpt, age_band, sex, load_seq as arrival_seq, 1 as encounter_count, 0 as outcome_count, 0 as event_count from encounters
    union all
    select npi, cpt, age_band, sex, outcome_seq as arrival_seq, 0 as encounter_count, 1 as outcome_count, 0 as event_count
    from encounters
    where outcome_seq is not null
    union all
    select npi, cpt, age_band, sex, event_seq as arrival_seq, 0 as encounter_count, 0 as outcome_count, 1 as event_count
    from encounters
    where event_seq is not null
),

arrived as (
    select npi, cpt, age_band, sex, arrival_seq, sum(encounter_count) as encounter_count, sum(outcome_count) as outcome_count, sum(event_count) as event_count
    from arrivals
    group by npi, cpt, age_band, sex, arrival_seq
),

final as (
    select
        npi,
        cpt,
        age_band,
        sex,
        cast(arrival_seq as {{ integer_type() }}) as arrival_seq,
        cast(encounter_count as {{ integer_type() }}) as encounter_count,
        cast(outcome_count as {{ integer_type() }}) as outcome_count,
        cast(event_count as {{ integer_type() }}) as event_count,
        {{ build_columns() }}
    from arrived
)

select * from final
