with provider_cells as (
    select * from {{ ref('int_provider_risk_cell') }}
),

cells as (
    select cpt, age_band, sex, sum(encounters) as encounter_count, sum(mature_encounter_count) as mature_encounter_count, sum(adverse_event_count) as observed_count
    from provider_cells
    group by cpt, age_band, sex
),

procedures as (
    select cpt, 1.0 * sum(observed_count) / nullif(sum(mature_encounter_count), 0) as rate
    from cells
    group by cpt
),

-- small cells borrow m encounters at the rate of their procedure
smoothed as (
    select
        cells.*,
        (cells.observed_count + {{ var('case_mix_prior_encounters') }} * procedures.rate)
            / (cells.mature_encounter_count + {{ var('case_mix_prior_encounters') }}) as smoothed_rate
    from cells
    inner join procedures on cells.cpt = procedures.cpt
),

-- one factor for all cells, so that expected and observed events agree in sum
calibration as (
    select coalesce(1.0 * sum(observed_count) / nullif({{ exact_sum('mature_encounter_count * smoothed_rate', 12) }}, 0.0), 1.0) as factor
    from smoothed
),

final as (
    select
        smoothed.cpt,
        smoothed.age_band,
        smoothed.sex,
        cast(smoothed.encounter_count as {{ integer_type() }}) as encounter_count,
        cast(smoothed.mature_encounter_count as {{ integer_type() }}) as mature_encounter_count,
        cast(smoothed.observed_count as {{ integer_type() }}) as observed_count,
        cast(1.0 * smoothed.observed_count / nullif(smoothed.mature_encounter_count, 0) as {{ float_type() }}) as raw_rate,
        cast(smoothed.smoothed_rate as {{ float_type() }}) as smoothed_rate,
        cast(smoothed.smoothed_rate * calibration.factor as {{ float_type() }}) as calibrated_rate,
        {{ build_columns() }}
    from smoothed
    cross join calibration
)

select * from final
