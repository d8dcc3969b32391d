with encounters as (
    select * from {{ ref('int_encounter_risk_cell') }}
),

cells as (
    select
        npi,
        cpt,
        age_band,
        sex,
        count(*) as encounters,
        count(distinct patient_id) as patients,
        sum(is_outcome_counted) as mature_encounter_count,
        sum(is_outcome_counted * has_adverse_event) as adverse_event_count,
        sum(paid_cents) as paid_cents_sum,
        sum(case when age >= 75 then 1 else 0 end) as age_75_plus_encounter_count
    from encounters
    group by npi, cpt, age_band, sex
),

final as (
    select
        npi,
        cpt,
        age_band,
        sex,
        cast(encounters as {{ integer_type() }}) as encounters,
        cast(patients as {{ integer_type() }}) as patients,
        cast(mature_encounter_count as {{ integer_type() }}) as mature_encounter_count,
        cast(adverse_event_count as {{ integer_type() }}) as adverse_event_count,
        cast(paid_cents_sum as {{ integer_type() }}) as paid_cents_sum,
        cast(age_75_plus_encounter_count as {{ integer_type() }}) as age_75_plus_encounter_count,
        {{ build_columns() }}
    from cells
)

select * from final
