{{ config(materialized='table') }}

with deliveries as (
    select load_id, load_seq
    from {{ source('control', 'ops_loads') }}
    where entity = 'encounters' and status = 'loaded' and gate <> 'held'
),

arrived_in_cells as (
    select cpt, age_band, sex, arrival_seq, sum(outcome_count) as outcomes, sum(event_count) as events
    from {{ ref('training_outcome_arrival') }}
    group by cpt, age_band, sex, arrival_seq
),

cells as (
    select
        deliveries.load_id,
        arrived_in_cells.cpt,
        arrived_in_cells.age_band,
        arrived_in_cells.sex,
        sum(arrived_in_cells.outcomes) as outcomes,
        sum(arrived_in_cells.events) as events
    from deliveries
    inner join arrived_in_cells on deliveries.load_seq > arrived_in_cells.arrival_seq
    group by deliveries.load_id, arrived_in_cells.cpt, arrived_in_cells.age_band, arrived_in_cells.sex
    having sum(arrived_in_cells.outcomes) > 0
),

procedures as (
    select load_id, cpt, 1.0 * sum(events) / sum(outcomes) as rate
    from cells
    group by load_id, cpt
),

-- the rates of gold (case_mix_reference), estimated from what was known then
smoothed as (
    select
        cells.*,
        procedures.rate as procedure_rate,
        (cells.events + {{ var('case_mix_prior_encounters') }} * procedures.rate)
            / (cells.outcomes + {{ var('case_mix_prior_encounters') }}) as smoothed_rate
    from cells
    inner join procedures on cells.load_id = procedures.load_id and cells.cpt = procedures.cpt
),

whole as (
    select
        load_id,
        1.0 * sum(events) / sum(outcomes) as rate,
        coalesce(sum(events) / nullif({{ exact_sum('outcomes * smoothed_rate', 12) }}, 0.0), 1.0) as factor
    from smoothed
    group by load_id
),

final as (
    select
        smoothed.load_id as delivery_group,
        smoothed.cpt,
        smoothed.age_band,
        smoothed.sex,
        cast(smoothed.outcomes as {{ integer_type() }}) as outcome_count,
        cast(smoothed.events as {{ integer_type() }}) as event_count,
        cast(smoothed.smoothed_rate * whole.factor as {{ float_type() }}) as calibrated_rate,
        cast(smoothed.procedure_rate * whole.factor as {{ float_type() }}) as procedure_rate,
        cast(whole.rate as {{ float_type() }}) as overall_rate,
        {{ build_columns() }}
    from smoothed
    inner join whole on smoothed.load_id = whole.load_id
)

select * from final
