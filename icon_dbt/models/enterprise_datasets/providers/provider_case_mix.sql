with cells as (
    select * from {{ ref('int_provider_risk_cell') }}
),

risk as (
    select * from {{ ref('case_mix_reference') }}
),

final as (
    select
        cells.npi,
        cells.cpt,
        cells.age_band,
        cells.sex,
        risk.risk_group,
        cells.encounters,
        cells.patients,
        cells.mature_encounter_count,
        cells.adverse_event_count,
        cast(case when cells.mature_encounter_count = 0 then 0.0 else cells.mature_encounter_count * risk.calibrated_rate end as {{ float_type() }}) as expected_adverse_event_count,
        cast(cells.paid_cents_sum / 100.0 as {{ float_type() }}) as paid_sum_usd,
        cells.age_75_plus_encounter_count,
        {{ build_columns() }}
    from cells
    inner join risk on cells.cpt = risk.cpt and cells.age_band = risk.age_band and cells.sex = risk.sex
)

select * from final
