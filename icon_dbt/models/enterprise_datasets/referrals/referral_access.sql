{{ config(post_hook=[
    index_on(['referral_id'], unique=true),
    index_on(['employer_id', 'cpt', 'gap_reason', 'referral_id']),
    index_on(['gap_reason', 'referral_id'])]) }}

{%- set needed = ['employer_networks', 'encounters'] %}

with referrals as (
    select referral_id, employer_id, cpt, coalesce(zip5, 'unknown') as zip5 from {{ ref('std_referrals') }}
),

options as (
    select employer_id, cpt, zip5 from {{ ref('network_option') }}
),

distances as (
    select from_zip5, to_zip5, miles, distance_score from {{ ref('int_zip_distance') }}
),

candidates as (
    select * from {{ ref('network_candidate') }}
),

costs as (
    select * from {{ ref('network_expected_cost') }}
),

asked as (
    select employer_id, cpt, zip5
    from referrals
    group by employer_id, cpt, zip5
),

supply as (
    select employer_id, cpt, zip5, count(*) as candidates
    from options
    group by employer_id, cpt, zip5
),

near as (
    select asked.employer_id, asked.cpt, asked.zip5, sum(supply.candidates) as candidates
    from asked
    cross join distances
    cross join supply
    where distances.from_zip5 = asked.zip5 and distances.distance_score <= {{ distance_score('25.0') }} and distances.miles <= 25
        and supply.employer_id = asked.employer_id and supply.cpt = asked.cpt and supply.zip5 = distances.to_zip5
    group by asked.employer_id, asked.cpt, asked.zip5
),

wanted as (
    select employer_id as wanted_employer, cpt as wanted_cpt, zip5 as wanted_zip5 from asked
),

-- the index gives the places by distance, so the walk ends at the first that has a candidate
nearest as {{ materialized_cte() }} (
    select
        *,
        (
            select miles
            from {{ ref('int_zip_distance') }}
            cross join {{ ref('network_option') }}
            where from_zip5 = wanted_zip5 and miles is not null and employer_id = wanted_employer and cpt = wanted_cpt and zip5 = to_zip5
            order by distance_score
            limit 1
        ) as nearest_miles
    from wanted
),

recommended as (
    select
        employer_id,
        cpt,
        zip5,
        {{ exact_sum('cost_index_shrunk') }} / count(*) as recommended_cost_index
    from candidates
    where rank <= 3 and is_measured = 1
    group by employer_id, cpt, zip5
),

judged as {{ materialized_cte() }} (
    select
        asked.*,
        {{ counted(needed, 'costs.candidates') }} as candidate_count,
        {{ counted(needed, 'costs.measured') }} as measured_candidate_count,
        case when nearest.nearest_miles is not null then coalesce(near.candidates, 0) end as candidate_within_25_miles_count,
        nearest.nearest_miles,
        costs.expected_paid_low_usd,
        costs.expected_paid_mid_usd,
        costs.expected_paid_high_usd,
        costs.expected_paid_mean_usd,
        costs.procedure_mean_usd * (costs.network_cost_index - recommended.recommended_cost_index) as expected_saving_usd
    from asked
    inner join nearest
        on asked.employer_id = nearest.wanted_employer and asked.cpt = nearest.wanted_cpt and asked.zip5 = nearest.wanted_zip5
    left join near on asked.employer_id = near.employer_id and asked.cpt = near.cpt and asked.zip5 = near.zip5
    left join costs on asked.employer_id = costs.employer_id and asked.cpt = costs.cpt
    left join recommended
        on asked.employer_id = recommended.employer_id and asked.cpt = recommended.cpt and asked.zip5 = recommended.zip5
),

final as (
    select
        referrals.referral_id,
        referrals.employer_id,
        referrals.cpt,
        cast(judged.candidate_count as {{ integer_type() }}) as candidate_count,
        cast(judged.measured_candidate_count as {{ integer_type() }}) as measured_candidate_count,
        cast(judged.candidate_within_25_miles_count as {{ integer_type() }}) as candidate_within_25_miles_count,
        cast(judged.nearest_miles as {{ float_type() }}) as nearest_miles,
        cast(case
            when judged.candidate_count is null then null
            when judged.candidate_count = 0 or judged.candidate_within_25_miles_count = 0 then 1
            else 0
        end as {{ integer_type() }}) as has_access_gap,
        cast(case
            when judged.candidate_count is null then null
            when judged.candidate_count = 0 then 'no_option'
            when judged.nearest_miles is null then 'distance_unknown'
            when judged.candidate_within_25_miles_count = 0 then 'none_nearby'
            when judged.candidate_within_25_miles_count = 1 then 'one_nearby'
            else 'none'
        end as text) as gap_reason,
        judged.expected_paid_low_usd,
        judged.expected_paid_mid_usd,
        judged.expected_paid_high_usd,
        judged.expected_paid_mean_usd,
        cast(judged.expected_saving_usd as {{ float_type() }}) as expected_saving_usd,
        {{ build_columns() }}
    from referrals
    inner join judged
        on referrals.employer_id = judged.employer_id and referrals.cpt = judged.cpt and referrals.zip5 = judged.zip5
)

select * from final
