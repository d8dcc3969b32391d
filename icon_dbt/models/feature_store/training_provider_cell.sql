-- what an encounter of a provider, a risk cell and a label may know of all OTHER encounters, in closed form
with provider_cells as (
    select npi, cpt, age_band, sex, encounters, adverse_event_count from {{ ref('int_provider_risk_cell') }}
),

reference as (
    select cpt, age_band, sex, encounter_count, observed_count, encounter_count + {{ var('case_mix_prior_encounters') }} as n_smoothed from {{ ref('case_mix_reference') }}
),

-- the smoothed events of a procedure are own_part + rate * borrowed_part
procedures as (
    select
        cpt,
        sum(encounter_count) as encounter_count,
        sum(observed_count) as observed_count,
        1.0 * sum(observed_count) / sum(encounter_count) as rate,
        {{ exact_sum('1.0 * encounter_count * observed_count / n_smoothed', 12) }} as own_part,
        {{ exact_sum('1.0 * encounter_count * ' ~ var('case_mix_prior_encounters') ~ ' / n_smoothed', 12) }} as borrowed_part
    from reference
    group by cpt
),

whole as (
    select sum(encounter_count) as encounter_count, sum(observed_count) as observed_count, {{ exact_sum('own_part + rate * borrowed_part', 12) }} as smoothed
    from procedures
),

cells as (
    select
        provider_cells.*,
        reference.encounter_count as cell_n,
        reference.observed_count as cell_o,
        reference.n_smoothed,
        1.0 * provider_cells.encounters * reference.observed_count / reference.n_smoothed as own_part,
        1.0 * provider_cells.encounters * {{ var('case_mix_prior_encounters') }} / reference.n_smoothed as borrowed_part
    from provider_cells
    inner join reference
        on provider_cells.cpt = reference.cpt
        and provider_cells.age_band = reference.age_band
        and provider_cells.sex = reference.sex
),

provider_procedures as (
    select
        npi,
        cpt,
        sum(encounters) as encounter_count,
        sum(adverse_event_count) as observed_count,
        {{ exact_sum('own_part', 12) }} as own_part,
        {{ exact_sum('borrowed_part', 12) }} as borrowed_part
    from cells
    group by npi, cpt
),

providers as (
    select
        provider_procedures.npi,
        sum(provider_procedures.encounter_count) as encounter_count,
        sum(provider_procedures.observed_count) as observed_count,
        {{ exact_sum('provider_procedures.own_part + procedures.rate * provider_procedures.borrowed_part', 12) }} as smoothed
    from provider_procedures
    inner join procedures on provider_procedures.cpt = procedures.cpt
    group by provider_procedures.npi
),

labels as (
    select 0 as label union all select 1
),

-- one encounter of this label leaves its cell: rate_left of the procedure, own_rate_left of the cell
left_out as (
    select
        cells.*,
        labels.label,
        procedures.rate,
        procedures.own_part as procedure_own,
        procedures.borrowed_part as procedure_borrowed,
        case
            when procedures.encounter_count > 1 then 1.0 * (procedures.observed_count - labels.label) / (procedures.encounter_count - 1)
            else 1.0 * (whole.observed_count - labels.label) / nullif(whole.encounter_count - 1, 0)
        end as rate_left,
        whole.observed_count - labels.label as events_left,
        whole.smoothed as whole_smoothed
    from cells
    cross join labels
    cross join whole
    inner join procedures on cells.cpt = procedures.cpt
    where (labels.label = 1 and cells.adverse_event_count > 0) or (labels.label = 0 and cells.encounters > cells.adverse_event_count)
),

rated as (
    select
        *,
        (cell_o - label + {{ var('case_mix_prior_encounters') }} * rate_left) / (n_smoothed - 1) as own_rate_left,
        1.0 * cell_n * (cell_o + {{ var('case_mix_prior_encounters') }} * rate_left) / n_smoothed as cell_before
    from left_out
),

calibrated as (
    select
        *,
        case
            when events_left = 0 then 0.0
            else events_left / nullif(
                whole_smoothed + (rate_left - rate) * procedure_borrowed - cell_before + (cell_n - 1) * own_rate_left, 0)
        end as factor
    from rated
),

expected as (
    select
        calibrated.*,
        providers.encounter_count as provider_all,
        providers.observed_count as provider_events,
        provider_procedures.encounter_count as procedure_all,
        provider_procedures.observed_count as procedure_events,
        case
            when providers.encounter_count = 1 then 0.0
            else calibrated.factor * (
                providers.smoothed + (calibrated.rate_left - calibrated.rate) * provider_procedures.borrowed_part
                - calibrated.own_part - calibrated.rate_left * calibrated.borrowed_part
                + (calibrated.encounters - 1) * calibrated.own_rate_left)
        end as provider_expected_adverse_event_count
    from calibrated
    inner join providers on calibrated.npi = providers.npi
    inner join provider_procedures on calibrated.npi = provider_procedures.npi and calibrated.cpt = provider_procedures.cpt
),

features as (
    select
        npi,
        cpt,
        age_band,
        sex,
        cast(label as text) as label,
        cast(factor * own_rate_left as real) as case_mix_rate,
        cast(provider_all - 1 as integer) as provider_encounter_count,
        cast(provider_events - label as integer) as provider_adverse_event_count,
        cast(provider_expected_adverse_event_count as real) as provider_expected_adverse_event_count,
        cast((provider_events - label) / nullif(provider_expected_adverse_event_count, 0.0) as real) as provider_observed_to_expected,
        cast((provider_events - label + 1 / {{ var('tau2_floor') }}) / (provider_expected_adverse_event_count + 1 / {{ var('tau2_floor') }}) as real)
            as provider_shrunken_ratio,
        cast(ln(provider_all) as real) as provider_ln_volume,
        cast(procedure_all - 1 as integer) as provider_procedure_encounter_count,
        cast(procedure_events - label as integer) as provider_procedure_adverse_event_count
    from expected
),

{{ feature_versions(
    entities='features',
    keys=['npi', 'cpt', 'age_band', 'sex', 'label'],
    features=[
        'case_mix_rate', 'provider_encounter_count', 'provider_adverse_event_count', 'provider_expected_adverse_event_count', 'provider_observed_to_expected', 'provider_shrunken_ratio',
        'provider_ln_volume', 'provider_procedure_encounter_count', 'provider_procedure_adverse_event_count',
    ],
    version=1,
) }}

select * from final
