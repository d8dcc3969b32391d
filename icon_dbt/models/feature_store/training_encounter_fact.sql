with encounters as (
    select encounter_id, npi, cpt, age, age_band, sex, has_adverse_event
    from {{ ref('fct_encounter') }}
    where has_adverse_event is not null
),

deliveries as (
    select encounter_id, _load_id from {{ ref('std_encounters') }}
),

newest_events as (
    select max(loaded_at) as loaded_at
    from {{ source('control', 'ops_loads') }}
    where entity = 'adverse_events' and status = 'loaded' and gate <> 'held'
),

maturity as (
    select encounter_id, is_label_mature from {{ ref('std_encounter_maturity') }}
),

{% if is_incremental() -%}
first_known as (
    select encounter_id, min(event_timestamp) as known_at
    from {{ this }}
    group by encounter_id
),
{%- else -%}
first_known as (
    select encounter_id, null as known_at from encounters
),
{%- endif %}

features as (
    select
        encounters.encounter_id,
        encounters.npi,
        deliveries._load_id as delivery_group,
        encounters.has_adverse_event,
        cast(case
            when maturity.is_label_mature = 1 or first_known.known_at < newest_events.loaded_at then 1
            else 0
        end as {{ integer_type() }}) as is_label_mature,
        encounters.cpt,
        encounters.age,
        encounters.age_band,
        encounters.sex
    from encounters
    inner join deliveries on encounters.encounter_id = deliveries.encounter_id
    left join maturity on encounters.encounter_id = maturity.encounter_id
    left join first_known on encounters.encounter_id = first_known.encounter_id
    cross join newest_events
),

{{ feature_versions(
    entities='features',
    keys=['encounter_id'],
    features=['npi', 'delivery_group', 'has_adverse_event', 'is_label_mature', 'cpt', 'age', 'age_band', 'sex'],
    version=1,
) }}

select * from final
