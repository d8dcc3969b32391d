with encounters as (
    select encounter_id, npi, cpt, age, age_band, sex, has_adverse_event
    from {{ ref('fct_encounter') }}
    where has_adverse_event is not null
),

deliveries as (
    select encounter_id, _load_id from {{ ref('std_encounters') }}
),

maturity as (
    select encounter_id, is_label_mature from {{ ref('std_encounter_maturity') }}
),

features as (
    select
        encounters.encounter_id,
        encounters.npi,
        deliveries._load_id as delivery_group,
        encounters.has_adverse_event,
        maturity.is_label_mature,
        encounters.cpt,
        encounters.age,
        encounters.age_band,
        encounters.sex
    from encounters
    inner join deliveries on encounters.encounter_id = deliveries.encounter_id
    inner join maturity on encounters.encounter_id = maturity.encounter_id
),

{{ feature_versions(
    entities='features',
    keys=['encounter_id'],
    features=['npi', 'delivery_group', 'has_adverse_event', 'is_label_mature', 'cpt', 'age', 'age_band', 'sex'],
    version=1,
) }}

select * from final
