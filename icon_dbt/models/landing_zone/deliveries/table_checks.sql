{{ config(materialized='table') }}
-- verdicts on whole tables: a delivery can be wrong although each of its rows is right
with loads as (

    select * from {{ source('control', 'ops_loads') }} where status = 'loaded'

),

numbered_loads as (

    select entity, load_seq, received, loaded_at, row_number() over (partition by entity order by load_seq desc) as recency
    from loads

),

earlier_sizes as (

    select
        entity,
        received,
        row_number() over (partition by entity order by received) as place,
        count(*) over (partition by entity) as load_count
    from numbered_loads
    where recency between 2 and 6

),

usual_sizes as (

    select entity, avg(received) as median_received
    from earlier_sizes
    where place in ((load_count + 1) / 2, (load_count + 2) / 2)
    group by entity

),

delivery_size as (

    select
        'FIL-08' as rule_id,
        newest.entity,
        1.0 * newest.received / usual_sizes.median_received as measured,
        0.5 as threshold,
        case when abs(1.0 * newest.received / usual_sizes.median_received - 1) > 0.5 then 1 else 0 end as is_outside,
        'rows of the newest delivery as a share of the median of the five before' as detail
    from numbered_loads as newest
    inner join usual_sizes on newest.entity = usual_sizes.entity
    where newest.recency = 1

),

freshness as (

    select
        'FIL-09' as rule_id,
        entity,
        {{ days_between('max(substr(loaded_at, 1, 10))', as_of()) }} as measured,
        45.0 as threshold,
        case when {{ days_between('max(substr(loaded_at, 1, 10))', as_of()) }} > 45 then 1 else 0 end as is_outside,
        'days from the newest delivery to the as-of date' as detail
    from loads
    group by entity

),

network_sizes as (

    select
        networks.employer_id,
        numbered_loads.load_seq,
        count(*) as listed,
        row_number() over (partition by networks.employer_id order by numbered_loads.load_seq desc) as recency
    from {{ ref('mapped_employer_networks') }} as networks
    inner join numbered_loads on networks._load_seq = numbered_loads.load_seq
    group by networks.employer_id, numbered_loads.load_seq

),

network_shrinkage as (

    select
        'NET-08' as rule_id,
        'employer_networks' as entity,
        max(1 - 1.0 * newest.listed / earlier.listed) as measured,
        0.2 as threshold,
        case when max(1 - 1.0 * newest.listed / earlier.listed) > 0.2 then 1 else 0 end as is_outside,
        'largest share of an employer''s list that the newest delivery no longer holds' as detail
    from network_sizes as newest
    inner join network_sizes as earlier on newest.employer_id = earlier.employer_id and earlier.recency = 2
    where newest.recency = 1
    having count(*) > 0

),

birthdays as (

    select
        'PAT-10' as rule_id,
        'patients' as entity,
        avg(case when substr(birth_date, 6) = '01-01' then 1.0 else 0.0 end) as measured,
        0.02 as threshold,
        case when avg(case when substr(birth_date, 6) = '01-01' then 1.0 else 0.0 end) > 0.02 then 1 else 0 end as is_outside,
        'share of patients born on 1 January, a common placeholder' as detail
    from {{ ref('promoted_patients') }}
    having count(*) >= 100

),

aged_implausibly as (

    select count(*) as row_count from {{ ref('dq_encounters') }} where rule_name = 'encounters__cpt__age_plausible'

),

judged_encounters as (

    select sum(promoted + quarantined) as row_count from {{ ref('ledger') }} where entity = 'encounters'

),

procedure_ages as (

    select
        'ENC-15' as rule_id,
        'encounters' as entity,
        1.0 * aged_implausibly.row_count / judged_encounters.row_count as measured,
        0.2 as threshold,
        case when 1.0 * aged_implausibly.row_count / judged_encounters.row_count > 0.2 then 1 else 0 end as is_outside,
        'share of encounters whose patient is outside the plausible age of the procedure' as detail
    from judged_encounters
    cross join aged_implausibly
    where judged_encounters.row_count > 0

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

),

event_rates as (

    select
        'ADV-04' as rule_id,
        'adverse_events' as entity,
        max(abs(2 * (sqrt(newest.event_count) - sqrt(newest.encounter_count * 1.0 * earlier.event_count / earlier.encounter_count)))) as measured,
        3.090232 as threshold,
        case when max(abs(2 * (sqrt(newest.event_count) - sqrt(newest.encounter_count * 1.0 * earlier.event_count / earlier.encounter_count)))) > 3.090232
            then 1 else 0 end as is_outside,
        'largest difference, in standard errors, of a procedure''s event rate from the deliveries before' as detail
    from event_counts as newest
    inner join event_counts as earlier on newest.cpt = earlier.cpt and earlier.is_new = 0
    where newest.is_new = 1
    having count(*) > 0

),

clinic_zips as (

    select
        'REF-11' as rule_id,
        'referrals' as entity,
        avg(case when clinics.zip9 is not null then 1.0 else 0.0 end) as measured,
        0.5 as threshold,
        case when avg(case when clinics.zip9 is not null then 1.0 else 0.0 end) > 0.5 then 1 else 0 end as is_outside,
        'share of referrals whose postal code is a provider''s: probably the practice, not the home' as detail
    from {{ ref('promoted_referrals') }} as referrals
    left join (select distinct zip5 || zip4 as zip9 from {{ ref('promoted_providers') }}) as clinics
        on referrals.zip5 || referrals.zip4 = clinics.zip9
    having count(*) > 0

),

checks as (

    select * from delivery_size
    union all
    select * from freshness
    union all
    select * from network_shrinkage
    union all
    select * from birthdays
    union all
    select * from procedure_ages
    union all
    select * from event_rates
    union all
    select * from clinic_zips

),

final as (

    select
        rule_id,
        entity,
        cast(measured as real) as measured,
        cast(threshold as real) as threshold,
        case when is_outside = 1 then 'warned' else 'passed' end as status,
        detail
    from checks

)

select * from final
