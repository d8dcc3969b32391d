-- each row's provider statistics are those of all OTHER rows, and its own label moves the rates that it is compared with
with training_rows as {{ materialized_cte() }} (
    select * from {{ ref('training_encounter_ae') }}
),

encounters as (
    select count(has_adverse_event) as encounter_count, coalesce(sum(has_adverse_event), 0) as events from {{ ref('fct_encounter') }}
),

whole as (
    select count(*) as encounter_count, coalesce(sum(has_adverse_event), 0) as events from training_rows
),

counted as (
    select
        *,
        count(*) over (partition by provider_group) - 1 as others,
        sum(has_adverse_event) over (partition by provider_group) - has_adverse_event as other_events,
        count(*) over (partition by provider_group, cpt) - 1 as procedure_others,
        sum(has_adverse_event) over (partition by provider_group, cpt) - has_adverse_event as other_procedure_events
    from training_rows
),

-- of two rows that differ by the label alone, the one with an event leaves fewer events behind
twins as (
    select
        provider_group, cpt, age, sex,
        min(case when has_adverse_event = 0 then case_mix_rate end) as rate_without_event,
        max(case when has_adverse_event = 1 then case_mix_rate end) as rate_with_event,
        min(case when has_adverse_event = 0 then provider_expected_adverse_event_count end) as expected_without_event,
        max(case when has_adverse_event = 1 then provider_expected_adverse_event_count end) as expected_with_event
    from training_rows
    where provider_encounter_count > 0
    group by provider_group, cpt, age, sex
)

select 'rows or events were lost' as problem, encounters.encounter_count as failing_rows
from encounters
cross join whole
where encounters.encounter_count <> whole.encounter_count or encounters.events <> whole.events
union all
select 'a count holds the row itself', count(*)
from counted
where provider_encounter_count <> others or provider_adverse_event_count <> other_events
    or provider_procedure_encounter_count <> procedure_others or provider_procedure_adverse_event_count <> other_procedure_events
having count(*) > 0
union all
select 'a rate holds the row''s own label', count(*)
from twins
where rate_with_event >= rate_without_event or expected_with_event = expected_without_event
having count(*) > 0
