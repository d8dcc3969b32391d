with case_mix as (
    select * from {{ ref('provider_case_mix') }}
),

amounts as (
    select npi, cpt, paid_cents from {{ ref('fct_encounter') }}
),

procedure_amounts as (
    select * from {{ ref('provider_procedure_amount') }}
),

parameter as (
    select * from {{ ref('model_parameter') }}
),

limits as (
    select * from {{ ref('poisson_limit') }}
),

disclosure as (
    select * from {{ ref('provider_procedure_disclosure') }}
),

{{ scorecard_inputs(['npi', 'cpt']) }},

final as (
    select
        totals.npi,
        totals.cpt,
        {{ outcome_columns() }},
        {{ cost_columns() }},
        disclosure.suppressed,
        {{ build_columns() }}
    from totals
    inner join quantiles on totals.npi = quantiles.npi and totals.cpt = quantiles.cpt
    inner join parameter on parameter.name = 'provider_procedure'
    inner join disclosure on totals.npi = disclosure.npi and totals.cpt = disclosure.cpt
    left join limits on totals.ae_count = limits.observed
)

select * from final
