-- values that every delivery moves a little are rounded to what a reader can use, so that few referrals get a new version
with referrals as (
    select referral_id, gender, birth_date, cpt, zip5, employer_id, _loaded_at from {{ ref('std_referrals') }}
),

access as (
    select * from {{ ref('referral_access') }}
),

procedures as (
    select cpt, body_region from {{ ref('dim_procedure') }}
),

benchmark as (
    select cpt, adverse_event_rate from {{ ref('procedure_benchmark') }}
),

rates as (
    select cpt, age_band, sex, calibrated_rate from {{ ref('case_mix_reference') }}
),

candidates as (
    select employer_id, cpt, zip5, max(score) - min(score) as spread
    from {{ ref('network_candidate') }}
    where is_measured = 1
    group by employer_id, cpt, zip5
),

people as (
    select
        *,
        coalesce(zip5, 'unknown') as asked_from,
        coalesce(gender, 'unknown') as sex,
        {{ age_band('birth_date', as_of()) }} as age_band
    from referrals
),

features as (
    select
        people.referral_id,
        people.cpt,
        cast(procedures.body_region as text) as body_region,
        cast({{ completed_years('people.birth_date', as_of()) }} as {{ integer_type() }}) as age_as_of,
        cast(people.sex as text) as sex,
        cast(substr(people.zip5, 1, 3) as text) as zip3,
        people.employer_id,
        access.candidate_count,
        access.measured_candidate_count,
        access.candidate_within_25_miles_count,
        cast(round(access.nearest_miles, 1) as {{ float_type() }}) as nearest_miles,
        cast(round(access.expected_paid_low_usd) as {{ float_type() }}) as expected_paid_low_usd,
        cast(round(access.expected_paid_mid_usd) as {{ float_type() }}) as expected_paid_mid_usd,
        cast(round(coalesce(rates.calibrated_rate, benchmark.adverse_event_rate), 2) as {{ float_type() }}) as baseline_adverse_event_rate,
        cast(round(candidates.spread, 1) as {{ float_type() }}) as candidate_dispersion,
        people._loaded_at as first_seen_at
    from people
    left join access on people.referral_id = access.referral_id
    left join procedures on people.cpt = procedures.cpt
    left join benchmark on people.cpt = benchmark.cpt
    left join rates on people.cpt = rates.cpt and people.age_band = rates.age_band and people.sex = rates.sex
    left join candidates
        on people.employer_id = candidates.employer_id and people.cpt = candidates.cpt and people.asked_from = candidates.zip5
),

{{ feature_versions(
    entities='features',
    keys=['referral_id'],
    features=[
        'cpt', 'body_region', 'age_as_of', 'sex', 'zip3', 'employer_id', 'candidate_count', 'measured_candidate_count', 'candidate_within_25_miles_count',
        'nearest_miles', 'expected_paid_low_usd', 'expected_paid_mid_usd', 'baseline_adverse_event_rate', 'candidate_dispersion', 'first_seen_at',
    ],
    version=1,
) }}

select * from final
