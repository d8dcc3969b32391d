-- what was known before a delivery of the providers, procedures and risk cells that it brings: earlier deliveries alone
with cells as (
    select encounter_id, npi, cpt, age_band, sex from {{ ref('int_encounter_risk_cell') }}
),

encounters as (
    select encounter_id, _load_id from {{ ref('std_encounters') }}
),

loads as (
    select load_id, load_seq from {{ source('control', 'ops_loads') }}
),

arrived as (
    select * from {{ ref('training_outcome_arrival') }}
),

rates as (
    select * from {{ ref('training_rate_before_delivery') }}
),

whole as (
    select distinct delivery_group, overall_rate from rates
),

delivered as (
    select loads.load_id, loads.load_seq, cells.npi, cells.cpt, cells.age_band, cells.sex
    from cells
    inner join encounters on cells.encounter_id = encounters.encounter_id
    inner join loads on encounters._load_id = loads.load_id
),

delivered_cells as (
    select distinct load_id, load_seq, npi, cpt, age_band, sex from delivered
),

delivering as (
    select distinct load_id, load_seq, npi from delivered_cells
),

earlier as {{ materialized_cte() }} (
    select
        delivering.load_id,
        arrived.npi,
        arrived.cpt,
        arrived.age_band,
        arrived.sex,
        sum(arrived.encounter_count) as encounters,
        sum(arrived.outcome_count) as outcomes,
        sum(arrived.event_count) as events
    from delivering
    inner join arrived on delivering.npi = arrived.npi and delivering.load_seq > arrived.arrival_seq
    group by delivering.load_id, arrived.npi, arrived.cpt, arrived.age_band, arrived.sex
),

providers as (
    select
        earlier.load_id,
        earlier.npi,
        sum(earlier.encounters) as encounters,
        sum(earlier.events) as events,
        {{ exact_sum('coalesce(earlier.outcomes * rates.calibrated_rate, 0.0)', 12) }} as expected
    from earlier
    left join rates
        on earlier.load_id = rates.delivery_group and earlier.cpt = rates.cpt and earlier.age_band = rates.age_band and earlier.sex = rates.sex
    group by earlier.load_id, earlier.npi
),

provider_procedures as (
    select load_id, npi, cpt, sum(encounters) as encounters, sum(events) as events
    from earlier
    group by load_id, npi, cpt
),

procedure_rates as (
    select distinct delivery_group, cpt, procedure_rate from rates
),

-- no row of whole: nothing is known of outcomes before the delivery
histories as (
    select
        delivered_cells.*,
        case when whole.delivery_group is not null then coalesce(rates.calibrated_rate, procedure_rates.procedure_rate, whole.overall_rate) end as case_mix_rate,
        coalesce(providers.encounters, 0) as encounters,
        case when whole.delivery_group is not null then coalesce(providers.events, 0) end as events,
        case when whole.delivery_group is not null then coalesce(providers.expected, 0.0) end as expected,
        coalesce(provider_procedures.encounters, 0) as procedure_encounters,
        case when whole.delivery_group is not null then coalesce(provider_procedures.events, 0) end as procedure_events
    from delivered_cells
    left join whole on delivered_cells.load_id = whole.delivery_group
    left join rates
        on delivered_cells.load_id = rates.delivery_group and delivered_cells.cpt = rates.cpt
        and delivered_cells.age_band = rates.age_band and delivered_cells.sex = rates.sex
    left join procedure_rates on delivered_cells.load_id = procedure_rates.delivery_group and delivered_cells.cpt = procedure_rates.cpt
    left join providers on delivered_cells.load_id = providers.load_id and delivered_cells.npi = providers.npi
    left join provider_procedures
        on delivered_cells.load_id = provider_procedures.load_id and delivered_cells.npi = provider_procedures.npi
        and delivered_cells.cpt = provider_procedures.cpt
),

features as (
    select
        load_id as delivery_group,
        npi,
        cpt,
        age_band,
        sex,
        cast(case_mix_rate as {{ float_type() }}) as case_mix_rate,
        cast(encounters as {{ integer_type() }}) as provider_encounter_count,
        cast(events as {{ integer_type() }}) as provider_adverse_event_count,
        cast(expected as {{ float_type() }}) as provider_expected_adverse_event_count,
        cast(events / nullif(expected, 0.0) as {{ float_type() }}) as provider_observed_to_expected,
        cast((events + 1 / {{ var('tau2_floor') }}) / (expected + 1 / {{ var('tau2_floor') }}) as {{ float_type() }}) as provider_shrunken_ratio,
        cast(ln(1.0 + encounters) as {{ float_type() }}) as provider_ln_volume,
        cast(procedure_encounters as {{ integer_type() }}) as provider_procedure_encounter_count,
        cast(procedure_events as {{ integer_type() }}) as provider_procedure_adverse_event_count
    from histories
),

{{ feature_versions(
    entities='features',
    keys=['delivery_group', 'npi', 'cpt', 'age_band', 'sex'],
    features=[
        'case_mix_rate', 'provider_encounter_count', 'provider_adverse_event_count', 'provider_expected_adverse_event_count', 'provider_observed_to_expected', 'provider_shrunken_ratio',
        'provider_ln_volume', 'provider_procedure_encounter_count', 'provider_procedure_adverse_event_count',
    ],
    version=1,
) }}

select * from final
