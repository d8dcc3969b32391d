with case_mix as (
    select * from {{ ref('provider_case_mix') }}
),

amounts as (
    select npi, cpt, paid_cents from {{ ref('fct_encounter') }}
),

procedure_amounts as (
    select * from {{ ref('int_provider_procedure_amount') }}
),

believed as (
    select * from {{ ref('int_shrunken_unit') }}
),

gamma as (
    select * from {{ ref('gamma_limit') }}
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
        {{ outcome_columns('totals', 'limits', 'believed', 'gamma', 'totals.patients') }},
        {{ cost_columns('totals', 'quantiles', 'believed') }},
        disclosure.is_suppressed,
        {{ build_columns() }}
    from totals
    inner join quantiles on totals.npi = quantiles.npi and totals.cpt = quantiles.cpt
    inner join disclosure on totals.npi = disclosure.npi and totals.cpt = disclosure.cpt
    left join limits on totals.adverse_event_count = limits.observed
    left join believed on believed.name = 'provider_procedure' and totals.npi = believed.npi and totals.cpt = believed.cpt
    left join gamma on {{ gamma_limit_node('believed.shrunken_ratio', 'believed.shrunken_ratio_variance') }} = gamma.node
)

select * from final
