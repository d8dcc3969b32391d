with patients as (
    select * from {{ ref('std_patients') }}
),

-- straight from silver: SQLite would store an import that two steps need, all its columns
treated as (
    select patient_id, min(_loaded_at) as first_seen_at, max(_loaded_at) as last_seen_at
    from {{ ref('std_encounters') }}
    group by patient_id
),

referred as (
    select
        patient_id,
        min(gender) as gender,
        min(birth_date) as birth_date,
        min(_loaded_at) as first_seen_at,
        max(_loaded_at) as last_seen_at
    from {{ ref('std_referrals') }}
    group by patient_id
),

-- the patient file describes a patient; a referral speaks where the file is silent
people as (
    select patient_id, gender, birth_date, _loaded_at as first_seen_at, _loaded_at as last_seen_at from patients
    union all
    select patient_id, gender, birth_date, first_seen_at, last_seen_at
    from referred
    where patient_id not in (select patient_id from {{ ref('std_patients') }})
    union all
    select patient_id, null as gender, null as birth_date, first_seen_at, last_seen_at
    from treated
    where patient_id not in (select patient_id from {{ ref('std_patients') }}) and patient_id not in (select patient_id from referred)
),

final as (
    select
        people.patient_id,
        cast({{ if_known(['encounters'], 'case when treated.patient_id is not null then 1 else 0 end') }} as {{ integer_type() }}) as is_in_encounters,
        cast({{ if_known(['referrals'], 'case when referred.patient_id is not null then 1 else 0 end') }} as {{ integer_type() }}) as is_in_referrals,
        cast({{ smaller_of(smaller_of('people.first_seen_at', 'coalesce(treated.first_seen_at, people.first_seen_at)'), 'coalesce(referred.first_seen_at, people.first_seen_at)') }} as text)
            as first_seen_at,
        cast({{ larger_of(larger_of('people.last_seen_at', 'coalesce(treated.last_seen_at, people.last_seen_at)'), 'coalesce(referred.last_seen_at, people.last_seen_at)') }} as text)
            as last_seen_at,
        cast(people.gender as text) as gender,
        {{ integer_of_text('substr(people.birth_date, 1, 4)') }} as birth_year,
        cast({{ age_band('people.birth_date', as_of()) }} as text) as age_band,
        {{ build_columns() }}
    from people
    left join treated on people.patient_id = treated.patient_id
    left join referred on people.patient_id = referred.patient_id
)

select * from final
