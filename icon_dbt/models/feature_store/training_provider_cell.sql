-- what an encounter of a provider, a risk cell and a label may know of all OTHER encounters, in closed form
with provider_cells as (
    select npi, cpt, age_band, sex, encounters, ae_count from {{ ref('int_provider_risk_cell') }}
),

reference as (
    select cpt, age_band, sex, n, o, n + {{ var('case_mix_prior_encounters') }} as n_smoothed from {{ ref('case_mix_reference') }}
),

-- the smoothed events of a procedure are own_part + rate * borrowed_part
procedures as (
    select
        cpt,
        sum(n) as n,
        sum(o) as o,
        1.0 * sum(o) / sum(n) as rate,
        {{ exact_sum('1.0 * n * o / n_smoothed', 12) }} as own_part,
        {{ exact_sum('1.0 * n * ' ~ var('case_mix_prior_encounters') ~ ' / n_smoothed', 12) }} as borrowed_part
    from reference
    group by cpt
),

whole as (
    select sum(n) as n, sum(o) as o, {{ exact_sum('own_part + rate * borrowed_part', 12) }} as smoothed
    from procedures
),

cells as (
    select
        provider_cells.*,
        reference.n as cell_n,
        reference.o as cell_o,
        reference.n_smoothed,
        1.0 * provider_cells.encounters * reference.o / reference.n_smoothed as own_part,
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
        sum(encounters) as n,
        sum(ae_count) as o,
        {{ exact_sum('own_part', 12) }} as own_part,
        {{ exact_sum('borrowed_part', 12) }} as borrowed_part
    from cells
    group by npi, cpt
),

providers as (
    select
        provider_procedures.npi,
        sum(provider_procedures.n) as n,
        sum(provider_procedures.o) as o,
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
            when procedures.n > 1 then 1.0 * (procedures.o - labels.label) / (procedures.n - 1)
            else 1.0 * (whole.o - labels.label) / nullif(whole.n - 1, 0)
        end as rate_left,
        whole.o - labels.label as events_left,
        whole.smoothed as whole_smoothed
    from cells
    cross join labels
    cross join whole
    inner join procedures on cells.cpt = procedures.cpt
    where (labels.label = 1 and cells.ae_count > 0) or (labels.label = 0 and cells.encounters > cells.ae_count)
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
        providers.n as provider_all,
        providers.o as provider_events,
        provider_procedures.n as procedure_all,
        provider_procedures.o as procedure_events,
        case
            when providers.n = 1 then 0.0
            else calibrated.factor * (
                providers.smoothed + (calibrated.rate_left - calibrated.rate) * provider_procedures.borrowed_part
                - calibrated.own_part - calibrated.rate_left * calibrated.borrowed_part
                + (calibrated.encounters - 1) * calibrated.own_rate_left)
        end as provider_expected
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
        cast(provider_all - 1 as integer) as provider_n,
        cast(provider_events - label as integer) as provider_ae,
        cast(provider_expected as real) as provider_expected,
        cast((provider_events - label) / nullif(provider_expected, 0.0) as real) as provider_oe,
        cast((provider_events - label + 1 / {{ var('tau2_floor') }}) / (provider_expected + 1 / {{ var('tau2_floor') }}) as real)
            as provider_oe_shrunk,
        cast(ln(provider_all) as real) as provider_ln_volume,
        cast(procedure_all - 1 as integer) as provider_procedure_n,
        cast(procedure_events - label as integer) as provider_procedure_ae
    from expected
),

{{ feature_versions(
    entities='features',
    keys=['npi', 'cpt', 'age_band', 'sex', 'label'],
    features=[
        'case_mix_rate', 'provider_n', 'provider_ae', 'provider_expected', 'provider_oe', 'provider_oe_shrunk',
        'provider_ln_volume', 'provider_procedure_n', 'provider_procedure_ae',
    ],
    version=1,
) }}

select * from final
