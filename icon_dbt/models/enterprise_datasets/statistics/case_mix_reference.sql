with cells as (
    select * from {{ ref('int_risk_cell') }}
),

risk_groups as (
    select procedure_group, risk_group, sum(mature_encounter_count) as mature_encounter_count, sum(observed_count) as observed_count
    from cells
    group by procedure_group, risk_group
),

procedures as (
    select procedure_group, 1.0 * sum(observed_count) / nullif(sum(mature_encounter_count), 0) as rate
    from cells
    group by procedure_group
),

-- small groups borrow m encounters at the rate of their procedure
smoothed as (
    select
        risk_groups.*,
        (risk_groups.observed_count + {{ var('case_mix_prior_encounters') }} * procedures.rate)
            / (risk_groups.mature_encounter_count + {{ var('case_mix_prior_encounters') }}) as smoothed_rate
    from risk_groups
    inner join procedures on risk_groups.procedure_group = procedures.procedure_group
),

-- one factor for all groups, so that expected and observed events agree in sum
calibration as (
    select coalesce(1.0 * sum(observed_count) / nullif({{ exact_sum('mature_encounter_count * smoothed_rate', 12) }}, 0.0), 1.0) as factor
    from smoothed
),

final as (
    select
        cells.cpt,
        cells.age_band,
        cells.sex,
        cells.encounter_count,
        cells.mature_encounter_count,
        cells.observed_count,
        cast(1.0 * cells.observed_count / nullif(cells.mature_encounter_count, 0) as {{ float_type() }}) as raw_rate,
        cells.procedure_group,
        cells.risk_group,
        cast(smoothed.mature_encounter_count as {{ integer_type() }}) as group_mature_encounter_count,
        cast(smoothed.observed_count as {{ integer_type() }}) as group_observed_count,
        cast(smoothed.smoothed_rate as {{ float_type() }}) as smoothed_rate,
        cast(smoothed.smoothed_rate * calibration.factor as {{ float_type() }}) as calibrated_rate,
        {{ build_columns() }}
    from cells
    left join smoothed on cells.risk_group = smoothed.risk_group
    cross join calibration
)

select * from final
