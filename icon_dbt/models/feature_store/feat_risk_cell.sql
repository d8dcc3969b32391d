with reference as (
    select * from {{ ref('case_mix_reference') }}
),

features as (
    select cpt, age_band, sex, encounter_count, observed_count as adverse_event_count, smoothed_rate, calibrated_rate
    from reference
),

{{ feature_versions(
    entities='features',
    keys=['cpt', 'age_band', 'sex'],
    features=['encounter_count', 'adverse_event_count', 'smoothed_rate', 'calibrated_rate'],
    version=2,
) }}

select * from final
