{{ config(materialized='table') }}
-- the encounters that wait because of a rule: those that fail it, and those whose provider or patient does. Where the row that
-- fails has no key that can be right, whatever asks for a key that nobody describes may wait for it (is_certain 0).
with failing as (
{{ open_failures(['patients', 'providers', 'encounters']) }}

),

waiting_encounters as (

    select _row_id, npi, patient_id
    from {{ ref('row_verdicts_encounters') }}
    where _status = 'quarantined'

),

blank_providers as (

    select _row_id
    from {{ ref('row_verdicts_providers') }}
    where _status = 'quarantined' and npi is null

),

-- NPIs that are used and that no provider row carries
undescribed as (

    select m.npi from waiting_encounters as m
    where {{ passes__luhn('npi') }} and {{ has_shape('m.npi', 'npi') }}
        and m.npi not in (select npi from {{ ref('row_verdicts_providers') }} where npi is not null and _status <> 'rejected')
    union
    select m.npi from {{ ref('row_verdicts_employer_networks') }} as m
    where m._status in ('promoted', 'quarantined') and {{ passes__luhn('npi') }} and {{ has_shape('m.npi', 'npi') }}
        and m.npi not in (select npi from {{ ref('row_verdicts_providers') }} where npi is not null and _status <> 'rejected')

),

-- the one provider without an NPI holds back what uses the one NPI that nobody describes; of two, nobody can tell
waiting_providers as (

    select _row_id, npi
    from {{ ref('row_verdicts_providers') }}
    where _status = 'quarantined' and npi is not null
    union all
    select (select max(_row_id) from blank_providers) as _row_id, max(npi) as npi
    from undescribed
    having count(*) = 1 and (select count(*) from blank_providers) = 1

),

waiting_patients as (

    select _row_id, patient_id
    from {{ ref('row_verdicts_patients') }}
    where _status = 'quarantined' and patient_id is not null

),

keyless as (

    select 'providers' as entity, m._row_id from {{ ref('row_verdicts_providers') }} as m
    where m._status = 'quarantined' and (m.npi is null or not ({{ passes__luhn('npi') }} and {{ has_shape('m.npi', 'npi') }}))
    union all
    select 'patients' as entity, _row_id from {{ ref('row_verdicts_patients') }}
    where _status = 'quarantined' and (patient_id is null or not {{ has_shape('patient_id', 'patient_id') }})

),

orphans as (

    select 'providers' as entity, _row_id
    from waiting_encounters
    where npi in (select npi from undescribed) and npi not in (select npi from waiting_providers)
    union all
    select 'patients' as entity, _row_id
    from waiting_encounters
    where patient_id not in (select patient_id from {{ ref('row_verdicts_patients') }} where patient_id is not null and _status <> 'rejected')

),

held as (

    select failing.entity, failing.rule_id, waiting_encounters._row_id, 1 as is_certain
    from failing
    inner join waiting_encounters on failing._row_id = waiting_encounters._row_id
    where failing.entity = 'encounters'
    union all
    select failing.entity, failing.rule_id, waiting_encounters._row_id, 1 as is_certain
    from failing
    inner join waiting_providers on failing._row_id = waiting_providers._row_id
    inner join waiting_encounters on waiting_providers.npi = waiting_encounters.npi
    where failing.entity = 'providers'
    union all
    select failing.entity, failing.rule_id, waiting_encounters._row_id, 1 as is_certain
    from failing
    inner join waiting_patients on failing._row_id = waiting_patients._row_id
    inner join waiting_encounters on waiting_patients.patient_id = waiting_encounters.patient_id
    where failing.entity = 'patients'
    union all
    select open_rules.entity, open_rules.rule_id, orphans._row_id, 0 as is_certain
    from (
        select distinct failing.entity, failing.rule_id
        from failing
        inner join keyless on failing.entity = keyless.entity and failing._row_id = keyless._row_id
    ) as open_rules
    inner join orphans on open_rules.entity = orphans.entity

),

final as (

    select entity, rule_id, _row_id, cast(max(is_certain) as {{ integer_type() }}) as is_certain
    from held
    group by entity, rule_id, _row_id

)

select * from final
