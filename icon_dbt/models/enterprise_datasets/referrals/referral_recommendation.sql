{{ config(post_hook=index_on(['referral_id', 'rank'], unique=true)) }}

with referrals as {{ materialized_cte() }} (
    select
        referral_id,
        employer_id,
        cpt,
        coalesce(zip5, 'unknown') as zip5,
        coalesce(gender, 'unknown') as sex,
        {{ age_band('birth_date', as_of()) }} as age_band
    from {{ ref('std_referrals') }}
),

candidates as (
    select * from {{ ref('network_candidate') }}
    where rank <= 5
),

procedures as (
    select cpt, plain_label from {{ ref('dim_procedure') }}
),

places as (
    select zip5 from {{ ref('zip_centroid') }}
),

case_mix as (
    select npi, cpt, age_band, sex, patients from {{ ref('provider_case_mix') }}
),

near_bands as (
    {{ neighbouring_age_bands() }}
),

similar_patients as (
    select case_mix.npi, case_mix.cpt, near_bands.age_band, case_mix.sex, sum(case_mix.patients) as patients
    from case_mix
    inner join near_bands on case_mix.age_band = near_bands.near_band
    group by case_mix.npi, case_mix.cpt, near_bands.age_band, case_mix.sex
),

similar_bands as (
    select npi, cpt, age_band, sex, {{ volume_band('patients') }} as similar_patients_band
    from similar_patients
),

-- limits of the five side by side, to walk along the ranks
limits as (
    select
        employer_id,
        cpt,
        zip5,
        {%- for rank in range(1, 6) %}
        max(case when rank = {{ rank }} then score_low end) as lo_{{ rank }},
        max(case when rank = {{ rank }} then score_high end) as hi_{{ rank }},
        max(case when rank = {{ rank }} then is_measured end) as measured_{{ rank }}{{ ',' if not loop.last }}
        {%- endfor %}
    from candidates
    group by employer_id, cpt, zip5
),

-- a group ends where the interval of a candidate no longer overlaps that of the first of the group
walk_1 as (
    select *, 1 as group_1, hi_1 as leader_hi_1, measured_1 as leader_measured_1
    from limits
),
{% for rank in range(2, 6) %}
walk_{{ rank }} as (
    select
        *,
        group_{{ rank - 1 }} + case when lo_{{ rank }} <= leader_hi_{{ rank - 1 }} and measured_{{ rank }} = leader_measured_{{ rank - 1 }} then 0 else 1 end
            as group_{{ rank }},
        case when lo_{{ rank }} <= leader_hi_{{ rank - 1 }} and measured_{{ rank }} = leader_measured_{{ rank - 1 }} then leader_hi_{{ rank - 1 }} else hi_{{ rank }} end
            as leader_hi_{{ rank }},
        measured_{{ rank }} as leader_measured_{{ rank }}
    from walk_{{ rank - 1 }}
),
{% endfor %}
offers as {{ materialized_cte() }} (
    select
        candidates.*,
        case candidates.rank
            {%- for rank in range(1, 6) %}
            when {{ rank }} then walk_5.group_{{ rank }}
            {%- endfor %}
        end as tie_group,
        case
            when candidates.is_measured = 1 and walk_5.measured_1 = 1 and candidates.score_low > walk_5.hi_1 then 1
            else 0
        end as is_distinguishable,
        'in the network of ' || candidates.employer_id || ' · '
        || case
            when candidates.is_measured = 1 then cast(candidates.volume as text) || ' done so far (' || procedures.plain_label || ')'
            else 'too few done, or too few to show, to judge outcome and cost (' || procedures.plain_label || ')'
        end as reasons_before,
        case
            when candidates.is_measured = 1 then
                ' · adverse events '
                || {{ ratio_in_words('candidates.shrunken_ratio', 'candidates.shrunken_ratio_low', 'candidates.shrunken_ratio_high', 'fewer than expected', 'more than expected', 'as expected') }}
                || ' · cost '
                || {{ ratio_in_words('candidates.cost_index_shrunk', 'candidates.cost_index_low', 'candidates.cost_index_high', 'below that of peers', 'above that of peers', 'like that of peers') }}
            else ''
        end
        || ' · '
        || {{ distance_in_words('candidates.miles', 'case when candidates.zip5 in (select zip5 from places) then 1 else 0 end') }} as reasons_after
    from candidates
    inner join walk_5
        on candidates.employer_id = walk_5.employer_id and candidates.cpt = walk_5.cpt and candidates.zip5 = walk_5.zip5
    inner join procedures on candidates.cpt = procedures.cpt
),

final as (
    select
        referrals.referral_id,
        offers.rank,
        offers.npi,
        referrals.employer_id,
        referrals.cpt,
        cast(offers.score as real) as score,
        offers.score_low,
        offers.score_high,
        cast(offers.tie_group as integer) as tie_group,
        cast(offers.is_distinguishable as integer) as is_distinguishable,
        offers.is_measured,
        offers.confidence,
        offers.miles,
        cast(coalesce(similar_bands.similar_patients_band, 'none') as text) as similar_patients_band,
        cast(offers.reasons_before
            || case
                when similar_bands.similar_patients_band is null then ' · none of this sex and age'
                else ' · ' || similar_bands.similar_patients_band || ' patients of this sex and about this age'
            end
            || offers.reasons_after as text) as reasons_text,
        {{ build_columns() }}
    from referrals
    cross join offers
    left join similar_bands
        on offers.npi = similar_bands.npi and offers.cpt = similar_bands.cpt
        and referrals.age_band = similar_bands.age_band and referrals.sex = similar_bands.sex
    where referrals.employer_id = offers.employer_id and referrals.cpt = offers.cpt and referrals.zip5 = offers.zip5
)

select * from final
