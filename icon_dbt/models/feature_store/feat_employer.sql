with coverage as (
    select * from {{ ref('employer_network_coverage') }}
),

networks as (
    select employer_id, npi, _load_id from {{ ref('std_employer_networks') }}
),

amounts as (
    select npi, paid_cents from {{ ref('fct_encounter') }}
),

provider_amounts as (
    select npi, sum(paid_cents) as cents
    from amounts
    group by npi
),

whole as (
    select sum(cents) as cents from provider_amounts
),

newest_delivery as (
    select max(_load_id) as load_id from networks
),

-- the same for every procedure of an employer: listed and known
procedures as (
    select
        employer_id,
        max(listed) as listed,
        max(known) as known,
        min(performing) as fewest_performing,
        1.0 * sum(performing) / count(*) as mean_performing,
        sum(case when measurable_provider_count > 0 then 1 when measurable_provider_count = 0 then 0 end) as procedures_covered,
        sum(referrals) as referrals,
        sum(referrals_without_option) as referrals_without_option
    from coverage
    group by employer_id
),

listings as (
    select
        networks.employer_id,
        sum(provider_amounts.cents) as cents,
        sum(case when networks._load_id = newest_delivery.load_id then 1 else 0 end) as from_last_delivery
    from networks
    cross join newest_delivery
    left join provider_amounts on networks.npi = provider_amounts.npi
    group by networks.employer_id
),

features as (
    select
        procedures.employer_id,
        cast(procedures.listed as {{ integer_type() }}) as network_size,
        cast(1.0 * procedures.known / nullif(procedures.listed, 0) as {{ float_type() }}) as known_share,
        cast(procedures.mean_performing / nullif(procedures.listed, 0) as {{ float_type() }}) as performing_share_mean,
        cast(1.0 * procedures.fewest_performing / nullif(procedures.listed, 0) as {{ float_type() }}) as performing_share_min,
        cast(procedures.procedures_covered as {{ integer_type() }}) as covered_procedure_count,
        cast(procedures.referrals as {{ integer_type() }}) as referral_count_to_date,
        cast(1 - 1.0 * procedures.referrals_without_option / nullif(procedures.referrals, 0) as {{ float_type() }}) as covered_referral_share,
        cast(1.0 * {{ counted(['employer_networks', 'encounters'], 'listings.cents') }} / nullif(whole.cents, 0) as {{ float_type() }}) as in_network_spend_share,
        cast(1.0 * listings.from_last_delivery / nullif(procedures.listed, 0) as {{ float_type() }}) as churn_last_delivery
    from procedures
    cross join whole
    left join listings on procedures.employer_id = listings.employer_id
),

{{ feature_versions(
    entities='features',
    keys=['employer_id'],
    features=[
        'network_size', 'known_share', 'performing_share_mean', 'performing_share_min', 'covered_procedure_count', 'referral_count_to_date',
        'covered_referral_share', 'in_network_spend_share', 'churn_last_delivery',
    ],
    version=1,
) }}

select * from final
