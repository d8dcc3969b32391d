{{ config(materialized='table') }}
{%- set entities = ['patients', 'providers', 'encounters', 'referrals', 'adverse_events', 'employer_networks'] %}
-- what each rule holds back now: the rows that fail it, and what waits because of them
with failing as (
    {% for entity in entities %}
    select distinct '{{ entity }}' as entity, _row_id, rule_id
    from {{ ref('dq_' ~ entity) }}
    where action = 'quarantine' and _row_id in (select _row_id from {{ ref('checked_' ~ entity) }} where _status = 'quarantined')
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

counted as (

    select *, count(*) over (partition by entity, _row_id) as reasons
    from failing

),

waiting_encounters as (

    select
        _row_id,
        encounter_id,
        npi,
        patient_id,
        case when {{ has_shape('paid_amount_usd', 'number') }} then cast(round(cast(paid_amount_usd as real) * 100) as integer) else 0 end
            as paid_cents
    from {{ ref('checked_encounters') }}
    where _status = 'quarantined'

),

waiting_events as (

    select _row_id, encounter_id
    from {{ ref('checked_adverse_events') }}
    where _status = 'quarantined'

),

blank_providers as (

    select _row_id
    from {{ ref('checked_providers') }}
    where _status = 'quarantined' and npi is null

),

-- NPIs that are used and that no provider row carries
undescribed as (

    select npi from waiting_encounters as m
    where {{ passes__luhn('npi') }} and {{ has_shape('npi', 'npi') }}
        and npi not in (select npi from {{ ref('checked_providers') }} where npi is not null and _status <> 'rejected')
    union
    select npi from {{ ref('checked_employer_networks') }} as m
    where _status in ('promoted', 'quarantined') and {{ passes__luhn('npi') }} and {{ has_shape('npi', 'npi') }}
        and npi not in (select npi from {{ ref('checked_providers') }} where npi is not null and _status <> 'rejected')

),

-- the one provider without an NPI holds back what uses the one NPI that nobody describes; of two, nobody can tell
waiting_providers as (

    select _row_id, npi
    from {{ ref('checked_providers') }}
    where _status = 'quarantined' and npi is not null
    union all
    select (select max(_row_id) from blank_providers), max(npi)
    from undescribed
    having count(*) = 1 and (select count(*) from blank_providers) = 1

),

waiting_patients as (

    select _row_id, patient_id
    from {{ ref('checked_patients') }}
    where _status = 'quarantined' and patient_id is not null

),

held_encounters as (

    select failing.entity, failing.rule_id, waiting_encounters._row_id
    from failing
    inner join waiting_encounters on failing._row_id = waiting_encounters._row_id
    where failing.entity = 'encounters'
    union
    select failing.entity, failing.rule_id, waiting_encounters._row_id
    from failing
    inner join waiting_providers on failing._row_id = waiting_providers._row_id
    inner join waiting_encounters on waiting_providers.npi = waiting_encounters.npi
    where failing.entity = 'providers'
    union
    select failing.entity, failing.rule_id, waiting_encounters._row_id
    from failing
    inner join waiting_patients on failing._row_id = waiting_patients._row_id
    inner join waiting_encounters on waiting_patients.patient_id = waiting_encounters.patient_id
    where failing.entity = 'patients'

),

encounter_sums as (

    select held_encounters.entity, held_encounters.rule_id, count(*) as encounters, sum(waiting_encounters.paid_cents) as paid_cents
    from held_encounters
    inner join waiting_encounters on held_encounters._row_id = waiting_encounters._row_id
    group by held_encounters.entity, held_encounters.rule_id

),

held_events as (

    select held_encounters.entity, held_encounters.rule_id, waiting_events._row_id
    from held_encounters
    inner join waiting_encounters on held_encounters._row_id = waiting_encounters._row_id
    inner join waiting_events on waiting_encounters.encounter_id = waiting_events.encounter_id
    union
    select entity, rule_id, _row_id from failing where entity = 'adverse_events'

),

event_sums as (

    select entity, rule_id, count(*) as adverse_events
    from held_events
    group by entity, rule_id

),

sums as (

    select
        entity,
        rule_id,
        count(*) as open_rows,
        sum(case when reasons = 1 then 1 else 0 end) as open_rows_for_this_alone,
        sum(case when entity = 'referrals' then 1 else 0 end) as referrals
    from counted
    group by entity, rule_id

),

final as (

    select
        sums.rule_id,
        sums.entity,
        cast(sums.open_rows as integer) as open_rows,
        cast(sums.open_rows_for_this_alone as integer) as open_rows_for_this_alone,
        cast(coalesce(encounter_sums.encounters, 0) as integer) as encounters,
        cast(coalesce(encounter_sums.paid_cents, 0) / 100.0 as real) as paid_amount_usd,
        cast(coalesce(event_sums.adverse_events, 0) as integer) as adverse_events,
        cast(sums.referrals as integer) as referrals
    from sums
    left join encounter_sums on sums.entity = encounter_sums.entity and sums.rule_id = encounter_sums.rule_id
    left join event_sums on sums.entity = event_sums.entity and sums.rule_id = event_sums.rule_id

)

select * from final
