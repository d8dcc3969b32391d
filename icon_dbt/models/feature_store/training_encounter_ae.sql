{{ config(materialized='table') }}

with facts as {{ materialized_cte() }} (
    select * from {{ ref('training_encounter_fact_latest') }}
),

histories as {{ materialized_cte() }} (
    select * from {{ ref('training_provider_history_latest') }}
),

provider_groups as {{ materialized_cte() }} (
    select * from {{ ref('training_provider_group') }}
),

-- retired versions count as well: before them the set was another one
newest as (
    select max(event_timestamp) as known_at
    from (
        select max(event_timestamp) as event_timestamp from {{ ref('training_encounter_fact') }}
        union all
        select max(event_timestamp) from {{ ref('training_provider_history') }}
    ) as newest_of_each
),

final as (
    select
        cast(row_number() over (order by facts.encounter_id) as {{ integer_type() }}) as training_row,
        cast(newest.known_at as text) as event_timestamp,
        histories.event_timestamp as features_known_at,
        cast(dense_rank() over (order by provider_groups.group_order, facts.npi) as {{ integer_type() }}) as provider_group,
        facts.delivery_group,
        facts.has_adverse_event,
        facts.is_label_mature,
        facts.cpt,
        facts.age,
        facts.age_band,
        facts.sex,
        histories.case_mix_rate,
        histories.provider_encounter_count,
        histories.provider_adverse_event_count,
        histories.provider_expected_adverse_event_count,
        histories.provider_observed_to_expected,
        histories.provider_shrunken_ratio,
        histories.provider_ln_volume,
        histories.provider_procedure_encounter_count,
        histories.provider_procedure_adverse_event_count,
        {{ build_columns() }}
    from facts
    inner join histories
        on facts.delivery_group = histories.delivery_group
        and facts.npi = histories.npi
        and facts.cpt = histories.cpt
        and facts.age_band = histories.age_band
        and facts.sex = histories.sex
    inner join provider_groups on facts.npi = provider_groups.npi
    cross join newest
)

select * from final
