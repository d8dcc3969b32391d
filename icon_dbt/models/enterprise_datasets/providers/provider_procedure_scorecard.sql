with case_mix as (
    select * from {{ ref('provider_case_mix') }}
),

amounts as (
    select npi, cpt, paid_cents from {{ ref('fct_encounter') }}
),

procedure_amounts as (
    select * from {{ ref('int_provider_procedure_amount') }}
),

parameter as (
    select * from {{ ref('model_parameter') }}
),

limits as (
    select * from {{ ref('poisson_limit') }}
),

disclosure as (
    select * from {{ ref('int_provider_procedure_disclosure') }}
),

{{ scorecard_inputs(['npi', 'cpt'], 'case_mix', 'procedure_amounts', 'amounts') }},

final as (
    select
        totals.npi,
        totals.cpt,
        {{ outcome_columns('totals', 'limits', 'parameter', 'totals.patients') }},
        {{ cost_columns('totals', 'quantiles', 'parameter') }},
        disclosure.is_suppressed,
        {{ build_columns() }}
    from totals
    inner join quantiles on totals.npi = quantiles.npi and totals.cpt = quantiles.cpt
    inner join parameter on parameter.name = 'provider_procedure'
    inner join disclosure on totals.npi = disclosure.npi and totals.cpt = disclosure.cpt
    left join limits on totals.adverse_event_count = limits.observed
)

select * from final
