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
        facts.has_adverse_event,
        facts.is_label_mature,
        facts.cpt,
        facts.age,
        facts.sex,
        cells.case_mix_rate,
        cells.provider_encounter_count,
        cells.provider_adverse_event_count,
        cells.provider_expected_adverse_event_count,
        cells.provider_observed_to_expected,
        cells.provider_shrunken_ratio,
        cells.provider_ln_volume,
        cells.provider_procedure_encounter_count,
        cells.provider_procedure_adverse_event_count,
        {{ build_columns() }}
    from facts
    inner join cells
        on facts.npi = cells.npi
        and facts.cpt = cells.cpt
        and facts.age_band = cells.age_band
        and facts.sex = cells.sex
        and cast(facts.has_adverse_event as text) = cells.label
    cross join newest
)

select * from final
