{{ config(materialized='table') }}

with facts as {{ materialized_cte() }} (
    select * from {{ ref('training_encounter_fact_latest') }}
),

cells as {{ materialized_cte() }} (
    select * from {{ ref('training_provider_cell_latest') }}
),

-- retired versions count as well: before them the set was another one
newest as (
    select max(event_timestamp) as known_at
    from (
        select max(event_timestamp) as event_timestamp from {{ ref('training_encounter_fact') }}
        union all
        select max(event_timestamp) from {{ ref('training_provider_cell') }}
    ) as newest_of_each
),

final as (
    select
        row_number() over (order by facts.encounter_id) as training_row,
        newest.known_at as event_timestamp,
        {{ larger_of('facts.event_timestamp', 'cells.event_timestamp') }} as features_known_at,
        dense_rank() over (order by facts.npi) as provider_group,
        facts.delivery_group,
        facts.ae_flag,
        facts.label_mature,
        facts.cpt,
        facts.age,
        facts.sex,
        cells.case_mix_rate,
        cells.provider_n,
        cells.provider_ae,
        cells.provider_expected,
        cells.provider_oe,
        cells.provider_oe_shrunk,
        cells.provider_ln_volume,
        cells.provider_procedure_n,
        cells.provider_procedure_ae,
        {{ build_columns() }}
    from facts
    inner join cells
        on facts.npi = cells.npi
        and facts.cpt = cells.cpt
        and facts.age_band = cells.age_band
        and facts.sex = cells.sex
        and cast(facts.ae_flag as text) = cells.label
    cross join newest
)

select * from final
