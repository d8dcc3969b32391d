{{ config(materialized='table') }}
{%- set others = source_names() | reject('in', ['encounters', 'adverse_events', 'referrals']) | list %}
{%- set parents = [] %}
{%- for name in others %}{% for parent in source_parents().get(name, {}).values() if parent not in parents %}{% do parents.append(parent) %}{% endfor %}{% endfor %}
{%- set paid_cents = 'case when encounter_sums.encounters is null then 0 else encounter_sums.paid_cents end' %}
-- what each rule holds back now: the rows that fail it, and what waits because of them
with recursive failing as (
{{ open_failures() }}

),

counted as (

    select *, count(*) over (partition by entity, _row_id) as reasons
    from failing

),

waiting_encounters as (

    select
        _row_id,
        encounter_id,
        case when {{ cents_of('paid_amount_usd') }} > 0 then {{ cents_of('paid_amount_usd') }} end as paid_cents
    from {{ ref('row_verdicts_encounters') }}
    where _status = 'quarantined'

),

encounter_sums as (

    select
        held_encounters.entity,
        held_encounters.rule_id,
        min(held_encounters.is_certain) as is_certain,
        count(*) as encounters,
        sum(waiting_encounters.paid_cents) as paid_cents,
        count(waiting_encounters.paid_cents) as amounts
    from {{ ref('dq_held_encounters') }} as held_encounters
    inner join waiting_encounters on held_encounters._row_id = waiting_encounters._row_id
    group by held_encounters.entity, held_encounters.rule_id

),

held_events as (

    select held_encounters.entity, held_encounters.rule_id, events._row_id
    from {{ ref('dq_held_encounters') }} as held_encounters
    inner join waiting_encounters on held_encounters._row_id = waiting_encounters._row_id
    inner join {{ ref('row_verdicts_adverse_events') }} as events
        on waiting_encounters.encounter_id = events.encounter_id and events._status = 'quarantined'
    union
    select entity, rule_id, _row_id from failing where entity = 'adverse_events'

),

event_sums as (

    select entity, rule_id, count(*) as adverse_events
    from held_events
    group by entity, rule_id

),

-- waiting rows of the sources that no column counts by name, with the key of the parent that they ask for
links as (

    {% for name in others %}{% for column, parent in source_parents().get(name, {}).items() -%}
    select '{{ name }}' as entity, _row_id, '{{ parent }}' as parent, {{ column }} as parent_key
    from {{ ref('row_verdicts_' ~ name) }}
    where _status = 'quarantined'
    union all
    {% endfor %}{% endfor -%}
    select null as entity, null as _row_id, null as parent, null as parent_key where false

),

parent_keys as (

    {% for name in parents -%}
    select '{{ name }}' as entity, _row_id, _key from {{ ref('row_verdicts_' ~ name) }} where _status = 'quarantined'
    union all
    {% endfor -%}
    select null as entity, null as _row_id, null as _key where false

),

held_rows as (

    {{ closure('held_rows', "select entity, rule_id, entity as held_entity, _row_id from failing
    union
    select entity, rule_id, 'encounters' as held_entity, _row_id from " ~ ref('dq_held_encounters') ~ ' as held_encounters',
    ['select held_rows.entity, held_rows.rule_id, links.entity as held_entity, links._row_id
    from held_rows
    inner join parent_keys on held_rows.held_entity = parent_keys.entity and held_rows._row_id = parent_keys._row_id
    inner join links on parent_keys.entity = links.parent and parent_keys._key = links.parent_key']) }}

),

other_sums as (

    select entity, rule_id, count(*) as other_rows
    from held_rows
    where held_entity in ({{ text_list(others) }})
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
        cast(sums.open_rows as {{ integer_type() }}) as open_rows,
        cast(sums.open_rows_for_this_alone as {{ integer_type() }}) as open_rows_for_this_alone,
        {%- set uncertain = 'coalesce(encounter_sums.is_certain, 1) = 0' %}
        cast(case when {{ uncertain }} then null else coalesce(encounter_sums.encounters, 0) end as {{ integer_type() }}) as encounters,
        cast(coalesce(encounter_sums.encounters, 0) as {{ integer_type() }}) as encounters_up_to,
        cast(case when {{ uncertain }} then null else {{ paid_cents }} / 100.0 end as {{ float_type() }}) as paid_amount_usd,
        cast({{ paid_cents }} / 100.0 as {{ float_type() }}) as paid_amount_up_to_usd,
        cast(coalesce(encounter_sums.encounters - encounter_sums.amounts, 0) as {{ integer_type() }}) as encounters_without_amount,
        cast(case when {{ uncertain }} then null else coalesce(event_sums.adverse_events, 0) end as {{ integer_type() }}) as adverse_events,
        cast(coalesce(event_sums.adverse_events, 0) as {{ integer_type() }}) as adverse_events_up_to,
        cast(sums.referrals as {{ integer_type() }}) as referrals,
        cast(coalesce(other_sums.other_rows, 0) as {{ integer_type() }}) as other_rows
    from sums
    left join encounter_sums on sums.entity = encounter_sums.entity and sums.rule_id = encounter_sums.rule_id
    left join event_sums on sums.entity = event_sums.entity and sums.rule_id = event_sums.rule_id
    left join other_sums on sums.entity = other_sums.entity and sums.rule_id = other_sums.rule_id

)

select * from final
