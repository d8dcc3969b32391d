with networks as (
    select * from {{ ref('std_employer_networks') }}
),

referrals as (
    select * from {{ ref('std_referrals') }}
),

providers as (
    select * from {{ ref('std_providers') }}
),

scorecard as (
    select * from {{ ref('provider_procedure_scorecard') }}
),

procedures as (
    select * from {{ ref('dim_procedure') }}
),

employers as (
    select employer_id from networks
    union
    select employer_id from referrals
),

listed as (
    select
        networks.employer_id,
        networks.npi,
        max(case when providers.npi is not null then 1 else 0 end) as is_known
    from networks
    left join providers on networks.npi = providers.npi
    group by networks.employer_id, networks.npi
),

listed_counts as (
    select employer_id, count(*) as listed, sum(is_known) as known
    from listed
    group by employer_id
),

volumes as (
    select
        listed.employer_id,
        scorecard.cpt,
        sum(listed.is_known) as performing,
        sum(case when listed.is_known = 1 and scorecard.is_small_cell = 0 then 1 else 0 end) as measurable_provider_count,
        sum(scorecard.encounter_count) as encounters,
        sum(cast(round(scorecard.paid_sum_usd * 100) as {{ integer_type() }})) as paid_cents,
        1.0 * sum(scorecard.encounter_count * scorecard.encounter_count) / (1.0 * sum(scorecard.encounter_count) * sum(scorecard.encounter_count)) as volume_concentration
    from listed
    inner join scorecard on listed.npi = scorecard.npi
    group by listed.employer_id, scorecard.cpt
),

everywhere as (
    select cpt, sum(encounter_count) as encounters, sum(cast(round(paid_sum_usd * 100) as {{ integer_type() }})) as paid_cents
    from scorecard
    group by cpt
),

demand as (
    select employer_id, cpt, count(*) as referrals
    from referrals
    group by employer_id, cpt
),

final as (
    select
        employers.employer_id,
        procedures.cpt,
        cast({{ counted(['employer_networks'], 'listed_counts.listed') }} as {{ integer_type() }}) as listed,
        cast({{ counted(['employer_networks', 'providers'], 'listed_counts.known') }} as {{ integer_type() }}) as known,
        cast({{ counted(['employer_networks', 'encounters'], 'volumes.performing') }} as {{ integer_type() }}) as performing,
        cast({{ counted(['employer_networks', 'encounters'], 'volumes.measurable_provider_count') }} as {{ integer_type() }}) as measurable_provider_count,
        cast(1.0 * {{ counted(['employer_networks', 'encounters'], 'volumes.encounters') }} / everywhere.encounters as {{ float_type() }}) as share_of_encounters_in_network,
        cast(1.0 * {{ counted(['employer_networks', 'encounters'], 'volumes.paid_cents') }} / everywhere.paid_cents as {{ float_type() }}) as share_of_paid,
        cast({{ counted(['referrals'], 'demand.referrals') }} as {{ integer_type() }}) as referrals,
        cast({{ counted(['employer_networks', 'encounters', 'referrals'], 'case when coalesce(volumes.performing, 0) = 0 then demand.referrals end') }} as {{ integer_type() }})
            as referrals_without_option,
        cast(volumes.volume_concentration as {{ float_type() }}) as volume_concentration,
        {{ build_columns() }}
    from employers
    cross join procedures
    left join listed_counts on employers.employer_id = listed_counts.employer_id
    left join volumes on employers.employer_id = volumes.employer_id and procedures.cpt = volumes.cpt
    left join everywhere on procedures.cpt = everywhere.cpt
    left join demand on employers.employer_id = demand.employer_id and procedures.cpt = demand.cpt
)

select * from final
