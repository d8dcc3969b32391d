with patients as (
    select * from {{ ref('std_patients') }}
),

encounters as (
    select * from {{ ref('std_encounters') }}
),

referrals as (
    select * from {{ ref('std_referrals') }}
),

mentions as (
    select patient_id, 'patients' as source, gender, birth_date, _loaded_at from patients
    union all
    select patient_id, 'referrals', gender, birth_date, _loaded_at from referrals
    union all
    select patient_id, 'encounters', null, null, _loaded_at from encounters
),

-- the patient file wins over a referral that says something else; a referral speaks where the file is silent
people as (
    select
        patient_id,
        max(case when source = 'encounters' then 1 else 0 end) as in_encounters,
        max(case when source = 'referrals' then 1 else 0 end) as in_referrals,
        min(_loaded_at) as first_seen_at,
        max(_loaded_at) as last_seen_at,
        coalesce(max(case when source = 'patients' then gender end), min(gender)) as gender,
        coalesce(max(case when source = 'patients' then birth_date end), min(birth_date)) as birth_date
    from mentions
    group by patient_id
),

aged as (
    select
        *,
        {{ completed_years('birth_date', as_of()) }} as age
    from people
),

final as (
    select
        patient_id,
        cast(in_encounters as integer) as in_encounters,
        cast(in_referrals as integer) as in_referrals,
        cast(first_seen_at as text) as first_seen_at,
        cast(last_seen_at as text) as last_seen_at,
        cast(gender as text) as gender,
        cast(substr(birth_date, 1, 4) as integer) as birth_year,
        cast({{ age_band('age') }} as text) as age_band,
        {{ build_columns() }}
    from aged
)

select * from final
