with patients as (
    select patient_id, gender, age_band from {{ ref('all_time_patients') }}
),

described as (
    select patient_id, birth_date from {{ ref('std_patients') }}
),

referrals as (
    select patient_id, birth_date, cpt from {{ ref('std_referrals') }}
),

-- straight from gold: SQLite would store an import that several steps need
procedures as (
    select patient_id, cpt, count(*) as encounters, sum(has_adverse_event) as events, sum(paid_cents) as cents
    from {{ ref('fct_encounter') }}
    group by patient_id, cpt
),

treated as (
    select
        patient_id,
        sum(encounters) as encounters,
        sum(events) as events,
        sum(cents) as cents,
        count(*) as procedure_count,
        min(cpt) as cpt
    from procedures
    group by patient_id
),

-- a running list, of which the last one is whole: lists have no promised order otherwise
listed as (
    select
        procedures.patient_id,
        {{ joined('procedures.cpt', ' ') }} over (partition by procedures.patient_id order by procedures.cpt) as cpt_set,
        row_number() over (partition by procedures.patient_id order by procedures.cpt desc) as from_the_end
    from treated
    inner join procedures on treated.patient_id = procedures.patient_id
    where treated.procedure_count > 1
),

referred as (
    select
        referrals.patient_id,
        min(referrals.birth_date) as birth_date,
        max(case when procedures.patient_id is null then 1 else 0 end) as has_open_referral
    from referrals
    left join procedures on referrals.patient_id = procedures.patient_id and referrals.cpt = procedures.cpt
    group by referrals.patient_id
),

features as (
    select
        patients.patient_id,
        cast({{ completed_years('coalesce(described.birth_date, referred.birth_date)', as_of()) }} as {{ integer_type() }}) as age_as_of,
        patients.age_band,
        cast(coalesce(patients.gender, 'unknown') as text) as sex,
        cast({{ counted(['encounters'], 'treated.encounters') }} as {{ integer_type() }}) as encounter_count_to_date,
        cast({{ counted(['adverse_events'], 'treated.events') }} as {{ integer_type() }}) as adverse_event_count_to_date,
        cast({{ counted(['encounters'], 'treated.cents') }} / 100.0 as {{ float_type() }}) as paid_to_date_usd,
        cast(coalesce(listed.cpt_set, treated.cpt) as text) as cpt_set_to_date,
        cast({{ counted(['encounters', 'referrals'], 'referred.has_open_referral') }} as {{ integer_type() }}) as has_open_referral
    from patients
    left join described on patients.patient_id = described.patient_id
    left join referred on patients.patient_id = referred.patient_id
    left join treated on patients.patient_id = treated.patient_id
    left join listed on patients.patient_id = listed.patient_id and listed.from_the_end = 1
),

{{ feature_versions(
    entities='features',
    keys=['patient_id'],
    features=[
        'age_as_of', 'age_band', 'sex', 'encounter_count_to_date', 'adverse_event_count_to_date', 'paid_to_date_usd', 'cpt_set_to_date',
        'has_open_referral',
    ],
    version=1,
) }}

select * from final
