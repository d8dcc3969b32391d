with encounters as (
    select * from {{ ref('fct_encounter') }}
),

risk as (
    select * from {{ ref('case_mix_reference') }}
),

benchmark as (
    select * from {{ ref('procedure_benchmark') }}
),

-- whole cents and billionths of a logarithm: integer sums do not depend on the order of the rows
cells as (
    select
        npi,
        cpt,
        age_band,
        sex,
        count(*) as encounters,
        count(distinct patient_id) as patients,
        sum(ae_flag) as ae_count,
        sum(paid_cents) as paid_cents_sum,
        sum(cast(round(paid_winsor * 100) as integer)) as paid_winsor_cents_sum,
        sum(cast(round(ln_paid * 1000000000) as integer)) as ln_paid_billionths,
        sum(case when age >= 75 then 1 else 0 end) as age_75_plus_count
    from encounters
    group by npi, cpt, age_band, sex
),

final as (
    select
        cells.npi,
        cells.cpt,
        cells.age_band,
        cells.sex,
        cast(cells.encounters as integer) as encounters,
        cast(cells.patients as integer) as patients,
        cast(cells.ae_count as integer) as ae_count,
        cast(cells.encounters * risk.calibrated_rate as real) as expected_ae,
        cast(cells.paid_cents_sum / 100.0 as real) as paid_sum,
        cast(cells.paid_winsor_cents_sum / 100.0 as real) as paid_winsor_sum,
        cast(cells.encounters * benchmark.winsor_mean as real) as expected_paid_sum,
        cast(cells.ln_paid_billionths / 1000000000.0 as real) as ln_paid_sum,
        cast(cells.age_75_plus_count as integer) as age_75_plus_count,
        {{ build_columns() }}
    from cells
    inner join risk on cells.cpt = risk.cpt and cells.age_band = risk.age_band and cells.sex = risk.sex
    inner join benchmark on cells.cpt = benchmark.cpt
)

select * from final
