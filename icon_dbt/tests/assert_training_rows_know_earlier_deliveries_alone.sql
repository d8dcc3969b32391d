-- no row or event is lost, rows that differ by the label alone have the same features, and counts are those of earlier deliveries
with training_rows as {{ materialized_cte() }} (
    select * from {{ ref('training_encounter_ae') }}
),

encounters as (
    select count(has_adverse_event) as encounter_count, coalesce(sum(has_adverse_event), 0) as events from {{ ref('fct_encounter') }}
),

whole as (
    select count(*) as encounter_count, coalesce(sum(has_adverse_event), 0) as events from training_rows
),

loads as (
    select load_id, load_seq from {{ source('control', 'ops_loads') }}
),

-- what a row may know is decided by provider, delivery, procedure and risk cell
twins as (
    select provider_group
    from training_rows
    group by provider_group, delivery_group, cpt, age_band, sex
    having
        count(distinct coalesce(features_known_at, '')) > 1
        {%- for column in ['case_mix_rate', 'provider_encounter_count', 'provider_adverse_event_count',
            'provider_expected_adverse_event_count', 'provider_procedure_encounter_count', 'provider_procedure_adverse_event_count'] %}
        or count(distinct coalesce({{ column }}, -1)) > 1
        {%- endfor %}
),

delivered as (
    select
        training_rows.provider_group,
        loads.load_seq,
        training_rows.delivery_group,
        count(*) as encounter_count,
        sum(training_rows.has_adverse_event) as events,
        min(training_rows.provider_encounter_count) as known_encounter_count,
        max(training_rows.provider_adverse_event_count) as known_events
    from training_rows
    inner join loads on training_rows.delivery_group = loads.load_id
    group by training_rows.provider_group, loads.load_seq, training_rows.delivery_group
),

before as (
    select
        *,
        coalesce(sum(encounter_count) over (
            partition by provider_group order by load_seq rows between unbounded preceding and 1 preceding), 0) as earlier_encounters,
        coalesce(sum(events) over (
            partition by provider_group order by load_seq rows between unbounded preceding and 1 preceding), 0) as earlier_events
    from delivered
)

select 'rows or events were lost' as problem, encounters.encounter_count as failing_rows
from encounters
cross join whole
where encounters.encounter_count <> whole.encounter_count or encounters.events <> whole.events
union all
select 'the label changes a feature of its own row' as problem, count(*) as failing_rows
from twins
having count(*) > 0
union all
select 'a count holds more than earlier deliveries' as problem, count(*) as failing_rows
from before
where known_encounter_count <> earlier_encounters or known_events > earlier_events
having count(*) > 0
