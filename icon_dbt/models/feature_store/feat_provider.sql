with scorecard as (
    select * from {{ ref('provider_scorecard') }}
),

cells as (
    select * from {{ ref('provider_procedure_scorecard') }}
),

case_mix as (
    select * from {{ ref('provider_case_mix') }}
),

providers as (
    select * from {{ ref('std_providers') }}
),

networks as (
    select * from {{ ref('std_employer_networks') }}
),

deliveries as (
    select npi, _load_id from {{ ref('std_encounters') }}
),

newest_delivery as (
    select max(_load_id) as load_id from {{ ref('std_encounters') }}
),

entities as (
    select npi from scorecard
    union
    select npi from providers
    union
    select npi from networks
),

mixtures as (
    select
        cells.npi,
        count(*) as procedure_count,
        -{{ exact_sum('1.0 * cells.encounter_count / scorecard.encounter_count * ln(1.0 * cells.encounter_count / scorecard.encounter_count)', 12) }} as procedure_entropy
    from cells
    inner join scorecard on cells.npi = scorecard.npi
    group by cells.npi
),

ages as (
    select npi, 1.0 * sum(age_75_plus_encounter_count) / sum(encounters) as age_75_plus_share
    from case_mix
    group by npi
),

listings as (
    select npi, count(distinct employer_id) as employer_network_count
    from networks
    group by npi
),

last_delivery as (
    select npi, count(*) as last_delivery_encounter_count
    from deliveries
    where _load_id = (select load_id from newest_delivery)
    group by npi
),

features as (
    select
        entities.npi,
        cast({{ counted(['encounters'], 'scorecard.encounter_count') }} as {{ integer_type() }}) as encounter_count_to_date,
        cast({{ counted(['encounters'], 'scorecard.patients') }} as {{ integer_type() }}) as patient_count_to_date,
        cast({{ counted(['adverse_events'], 'scorecard.adverse_event_count') }} as {{ integer_type() }}) as adverse_event_count_to_date,
        scorecard.adverse_event_rate as adverse_event_rate_to_date,
        cast({{ counted(['adverse_events'], 'scorecard.expected_adverse_event_count') }} as {{ float_type() }}) as expected_adverse_event_count_to_date,
        scorecard.observed_to_expected as observed_to_expected_to_date,
        cast({{ if_known(['adverse_events'], 'coalesce(scorecard.shrunken_ratio, 1.0)') }} as {{ float_type() }}) as shrunken_ratio_to_date,
        cast({{ counted(['adverse_events'], 'scorecard.reliability') }} as {{ float_type() }}) as reliability,
        cast({{ if_known(['encounters'], 'coalesce(scorecard.cost_index_shrunk, 1.0)') }} as {{ float_type() }}) as cost_index_shrunk,
        cast(ln(1.0 + {{ counted(['encounters'], 'scorecard.encounter_count') }}) as {{ float_type() }}) as ln_volume,
        cast({{ counted(['encounters'], 'mixtures.procedure_count') }} as {{ integer_type() }}) as procedure_count,
        cast(mixtures.procedure_entropy as {{ float_type() }}) as procedure_entropy,
        cast(ages.age_75_plus_share as {{ float_type() }}) as age_75_plus_share,
        scorecard.case_mix_index,
        cast({{ counted(['employer_networks'], 'listings.employer_network_count') }} as {{ integer_type() }}) as employer_network_count,
        cast(substr(providers.zip5, 1, 3) as text) as zip3,
        cast({{ if_known(['providers'], 'case when providers.zip5 is not null then 1 else 0 end') }} as {{ integer_type() }}) as has_zip,
        cast({{ counted(['encounters'], 'last_delivery.last_delivery_encounter_count') }} as {{ integer_type() }}) as last_delivery_encounter_count,
        cast({{ if_known(['providers'], 'case when providers.npi is not null then 1 else 0 end') }} as {{ integer_type() }}) as is_known
    from entities
    left join scorecard on entities.npi = scorecard.npi
    left join mixtures on entities.npi = mixtures.npi
    left join ages on entities.npi = ages.npi
    left join listings on entities.npi = listings.npi
    left join providers on entities.npi = providers.npi
    left join last_delivery on entities.npi = last_delivery.npi
),

{{ feature_versions(
    entities='features',
    keys=['npi'],
    features=[
        'encounter_count_to_date', 'patient_count_to_date', 'adverse_event_count_to_date', 'adverse_event_rate_to_date', 'expected_adverse_event_count_to_date', 'observed_to_expected_to_date', 'shrunken_ratio_to_date',
        'reliability', 'cost_index_shrunk', 'ln_volume', 'procedure_count', 'procedure_entropy', 'age_75_plus_share',
        'case_mix_index', 'employer_network_count', 'zip3', 'has_zip', 'last_delivery_encounter_count', 'is_known',
    ],
    version=2,
) }}

select * from final
