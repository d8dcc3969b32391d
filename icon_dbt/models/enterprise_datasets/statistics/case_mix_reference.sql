with provider_cells as (
    select * from {{ ref('int_provider_risk_cell') }}
),

cells as (
    select cpt, age_band, sex, sum(encounters) as n, sum(ae_count) as o
    from provider_cells
    group by cpt, age_band, sex
),

procedures as (
    select cpt, 1.0 * sum(o) / sum(n) as rate
    from cells
    group by cpt
),

-- small cells borrow m encounters at the rate of their procedure
smoothed as (
    select
        cells.*,
        (cells.o + {{ var('case_mix_prior_encounters') }} * procedures.rate)
            / (cells.n + {{ var('case_mix_prior_encounters') }}) as rate_smoothed
    from cells
    inner join procedures on cells.cpt = procedures.cpt
),

-- one factor for all cells, so that expected and observed events agree in sum
calibration as (
    select coalesce(1.0 * sum(o) / nullif({{ exact_sum('n * rate_smoothed', 12) }}, 0.0), 1.0) as factor
    from smoothed
),

final as (
    select
        smoothed.cpt,
        smoothed.age_band,
        smoothed.sex,
        cast(smoothed.n as integer) as n,
        cast(smoothed.o as integer) as o,
        cast(1.0 * smoothed.o / smoothed.n as real) as rate_raw,
        cast(smoothed.rate_smoothed as real) as rate_smoothed,
        cast(smoothed.rate_smoothed * calibration.factor as real) as calibrated_rate,
        {{ build_columns() }}
    from smoothed
    cross join calibration
)

select * from final
