{{ config(materialized='table') }}
-- verdicts on whole tables: a delivery can be wrong although each of its rows is right
-- depends_on: {{ source('control', 'ops_build') }}
{%- set relations = {
    'loads': 'loads',
    'numbered_loads': 'numbered_loads',
    'network_sizes': 'network_sizes',
    'event_counts': 'event_counts',
    'ledger': ref('ledger'),
    'dq_encounters': ref('dq_encounters'),
    'promoted_patients': ref('promoted_patients'),
    'promoted_providers': ref('promoted_providers'),
    'promoted_referrals': ref('promoted_referrals'),
} %}
with loads as (

    select * from {{ source('control', 'ops_loads') }} where status = 'loaded'

),

numbered_loads as (

    select entity, load_id, load_seq, received, row_number() over (partition by entity order by load_seq desc) as recency
    from loads

),

network_sizes as (

    select
        networks.employer_id,
        numbered_loads.load_seq,
        count(*) as listed,
        row_number() over (partition by networks.employer_id order by numbered_loads.load_seq desc) as recency
    from {{ ref('stg_employer_networks') }} as networks
    inner join numbered_loads on networks._load_seq = numbered_loads.load_seq
    group by networks.employer_id, numbered_loads.load_seq

),

newest_encounters as (

    select max(load_id) as load_id from loads where entity = 'encounters'

),

-- encounters and events are counted apart: each count then reads an index of the verdicts, not the rows
encounter_counts as (

    select cpt, case when _load_id = newest.load_id then 1 else 0 end as is_new, count(*) as encounter_count
    from {{ ref('promoted_encounters') }}
    cross join newest_encounters as newest
    group by cpt, case when _load_id = newest.load_id then 1 else 0 end

),

encounters_with_event as (

    select encounters.cpt, case when encounters._load_id = newest.load_id then 1 else 0 end as is_new, count(*) as event_count
    from {{ ref('promoted_adverse_events') }} as events
    cross join {{ ref('promoted_encounters') }} as encounters
    cross join newest_encounters as newest
    where events.encounter_id = encounters.encounter_id
    group by encounters.cpt, case when encounters._load_id = newest.load_id then 1 else 0 end

),

event_counts as (

    select encounter_counts.*, coalesce(encounters_with_event.event_count, 0) as event_count
    from encounter_counts
    left join encounters_with_event
        on encounter_counts.cpt = encounters_with_event.cpt and encounter_counts.is_new = encounters_with_event.is_new
    -- without any delivery of adverse events nobody knows how many there were
    where exists (select 1 from loads where entity = 'adverse_events')

),

{% for check in declared_table_checks() %}
{{ check['name'] }} as (

{{ measured(check, relations) | indent(4, first=true) }}

),

{% endfor %}
checks as (

    {% for check in declared_table_checks() -%}
    select '{{ check['rule'] }}' as rule_id, {{ check['threshold'] }} as threshold, entity, measured, is_outside, detail
    from {{ check['name'] }}
    {{- ' union all ' if not loop.last }}
    {% else -%}
    select null as rule_id, null as threshold, null as entity, null as measured, null as is_outside, null as detail where false
    {%- endfor %}

),

final as (

    select
        rule_id,
        entity,
        cast(measured as {{ float_type() }}) as measured,
        cast(threshold as {{ float_type() }}) as threshold,
        case when is_outside = 1 then 'warned' else 'passed' end as status,
        detail
    from checks

)

select * from final
