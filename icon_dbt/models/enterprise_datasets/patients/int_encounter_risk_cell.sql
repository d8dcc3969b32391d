with encounters as (
    select * from {{ ref('std_encounters') }}
),

patients as (
    select * from {{ ref('std_patients') }}
),

adverse_events as (
    select * from {{ ref('std_adverse_events') }}
),

maturity as (
    select encounter_id, is_outcome_counted from {{ ref('std_encounter_maturity') }}
),

final as (
    select
        encounters.encounter_id,
        encounters.npi,
        encounters.patient_id,
        encounters.cpt,
        cast({{ completed_years('patients.birth_date', as_of()) }} as {{ integer_type() }}) as age,
        cast({{ age_band('patients.birth_date', as_of()) }} as text) as age_band,
        cast(coalesce(patients.gender, 'unknown') as text) as sex,
        cast({{ if_known(['adverse_events'], 'case when encounters.encounter_id in (select encounter_id from adverse_events) then 1 else 0 end') }} as {{ integer_type() }})
            as has_adverse_event,
        cast({{ if_known(['adverse_events'], 'coalesce(maturity.is_outcome_counted, 0)') }} as {{ integer_type() }}) as is_outcome_counted,
        cast(round(encounters.paid_amount_usd * 100) as {{ integer_type() }}) as paid_cents,
        {{ build_columns() }}
    from encounters
    left join patients on encounters.patient_id = patients.patient_id
    left join maturity on encounters.encounter_id = maturity.encounter_id
)

select * from final
