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
        count(*) as n_procedures,
        -{{ exact_sum('1.0 * cells.n / scorecard.n * ln(1.0 * cells.n / scorecard.n)', 12) }} as procedure_entropy
    from cells
    inner join scorecard on cells.npi = scorecard.npi
    group by cells.npi
),

ages as (
    select npi, 1.0 * sum(age_75_plus_count) / sum(encounters) as pct_age75plus
    from case_mix
    group by npi
),

listings as (
    select npi, count(distinct employer_id) as n_employer_networks
    from networks
    group by npi
),

last_delivery as (
    select npi, count(*) as enc_count_last_delivery
    from deliveries
    where _load_id = (select load_id from newest_delivery)
    group by npi
),

features as (
    select
        entities.npi,
        cast(coalesce(scorecard.n, 0) as integer) as enc_count_td,
        cast(coalesce(scorecard.patients, 0) as integer) as patient_count_td,
        cast(coalesce(scorecard.ae_count, 0) as integer) as ae_count_td,
        scorecard.ae_rate as ae_rate_td,
        cast(coalesce(scorecard.expected_ae, 0.0) as real) as expected_ae_td,
        scorecard.oe as oe_td,
        cast(coalesce(scorecard.eb_oe, 1.0) as real) as eb_oe_td,
        cast(coalesce(scorecard.reliability, 0.0) as real) as reliability,
        cast(coalesce(scorecard.cost_index_shrunk, 1.0) as real) as cost_index_shrunk,
        cast(ln(1.0 + coalesce(scorecard.n, 0)) as real) as ln_volume,
        cast(coalesce(mixtures.n_procedures, 0) as integer) as n_procedures,
        cast(mixtures.procedure_entropy as real) as procedure_entropy,
        cast(ages.pct_age75plus as real) as pct_age75plus,
        scorecard.case_mix_index,
        cast(coalesce(listings.n_employer_networks, 0) as integer) as n_employer_networks,
        cast(substr(providers.zip5, 1, 3) as text) as zip3,
        cast(case when providers.zip5 is not null then 1 else 0 end as integer) as has_zip,
        cast(coalesce(last_delivery.enc_count_last_delivery, 0) as integer) as enc_count_last_delivery,
        cast(case when providers.npi is not null then 1 else 0 end as integer) as is_known
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
        'enc_count_td', 'patient_count_td', 'ae_count_td', 'ae_rate_td', 'expected_ae_td', 'oe_td', 'eb_oe_td',
        'reliability', 'cost_index_shrunk', 'ln_volume', 'n_procedures', 'procedure_entropy', 'pct_age75plus',
        'case_mix_index', 'n_employer_networks', 'zip3', 'has_zip', 'enc_count_last_delivery', 'is_known',
    ],
    version=1,
) }}

select * from final
