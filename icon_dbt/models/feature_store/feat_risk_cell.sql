with reference as (
    select * from {{ ref('case_mix_reference') }}
),

features as (
    select cpt, age_band, sex, n as cell_n, o as cell_ae_count, rate_smoothed, calibrated_rate
    from reference
),

{{ feature_versions(
    entities='features',
    keys=['cpt', 'age_band', 'sex'],
    features=['cell_n', 'cell_ae_count', 'rate_smoothed', 'calibrated_rate'],
    version=1,
) }}

select * from final
