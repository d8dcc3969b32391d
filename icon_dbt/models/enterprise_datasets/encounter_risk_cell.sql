with encounters as (
    select * from {{ ref('std_encounters') }}
),

patients as (
    select * from {{ ref('std_patients') }}
),

adverse_events as (
    select * from {{ ref('std_adverse_events') }}
),

aged as (
    select
        encounters.encounter_id,
        encounters.npi,
        encounters.patient_id,
        encounters.cpt,
        encounters.paid_amount_usd,
        {{ completed_years('patients.birth_date', as_of()) }} as age,
        patients.gender
    from encounters
    left join patients on encounters.patient_id = patients.patient_id
),

final as (
    select
        encounter_id,
        npi,
        patient_id,
        cpt,
        cast(age as integer) as age,
        cast({{ age_band('age') }} as text) as age_band,
        cast(coalesce(gender, 'unknown') as text) as sex,
        cast(case when encounter_id in (select encounter_id from adverse_events) then 1 else 0 end as integer)
            as ae_flag,
        cast(round(paid_amount_usd * 100) as integer) as paid_cents,
        {{ build_columns() }}
    from aged
)

select * from final
