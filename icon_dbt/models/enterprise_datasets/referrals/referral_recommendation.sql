{{ config(post_hook=index_on(['referral_id', 'npi'], unique=true)) }}

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

quality as (
    select * from {{ ref('int_quality_rank') }}
),

offers as {{ materialized_cte() }} (
    select
        candidates.*,
        quality.quality_score,
        quality.quality_low,
        quality.quality_high,
        quality.rank_low,
        quality.rank_high,
        quality.best_probability,
        quality.best_three_probability,
        coalesce(quality.is_apart, 0) as is_distinguishable,
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
    left join quality
        on candidates.employer_id = quality.employer_id and candidates.cpt = quality.cpt and candidates.zip5 = quality.zip5
        and candidates.npi = quality.npi
    inner join procedures on candidates.cpt = procedures.cpt
),

final as (
    select
        referrals.referral_id,
        offers.rank,
        offers.npi,
        referrals.employer_id,
        referrals.cpt,
        cast(offers.score as {{ float_type() }}) as score,
        offers.score_low,
        offers.score_high,
        offers.quality_score,
        offers.quality_low,
        offers.quality_high,
        offers.rank_low,
        offers.rank_high,
        offers.best_probability,
        offers.best_three_probability,
        cast(offers.is_distinguishable as {{ integer_type() }}) as is_distinguishable,
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
order by referral_id, npi
