-- what is believed of each unit: its posterior given each standard deviation of the grid, weighed by how likely that is
with grid as (
    select * from {{ ref('int_variance_posterior') }}
),

parameters as (
    select name, mu from {{ ref('int_variance_moment') }}
),

case_mix as (
    select * from {{ ref('provider_case_mix') }}
),

costs as (
    select * from {{ ref('int_cost_unit') }}
),

observed as (
    {{ outcome_units('case_mix') }}
),

outcomes as (
    select
        observed.name,
        observed.npi,
        observed.cpt,
        {{ exact_sum('outcome_weight * (observed * outcome_tau2 + mu * mu) / (expected * outcome_tau2 + mu)', 12) }} as ratio,
        {{ exact_sum('outcome_weight * (observed * outcome_tau2 + mu * mu) / (expected * outcome_tau2 + mu) * outcome_tau2 / (expected * outcome_tau2 + mu)', 12) }} as ratio_variance,
        {{ exact_sum('outcome_weight * pow((observed * outcome_tau2 + mu * mu) / (expected * outcome_tau2 + mu), 2)', 12) }} as ratio_square,
        {{ exact_sum('outcome_weight * expected * outcome_tau2 / (expected * outcome_tau2 + mu)', 12) }} as reliability
    from observed
    inner join parameters on observed.name = parameters.name and parameters.mu is not null
    inner join grid on observed.name = grid.name and grid.outcome_weight is not null
    group by observed.name, observed.npi, observed.cpt
),

effects as (
    select
        costs.name,
        costs.npi,
        costs.cpt,
        {{ exact_sum('cost_weight * ln_excess_mean * cost_tau2 / (cost_tau2 + sampling_variance)', 12) }} as effect,
        {{ exact_sum('cost_weight * sampling_variance * cost_tau2 / (cost_tau2 + sampling_variance)', 12) }} as effect_variance,
        {{ exact_sum('cost_weight * pow(ln_excess_mean * cost_tau2 / (cost_tau2 + sampling_variance), 2)', 12) }} as effect_square,
        {{ exact_sum('cost_weight * cost_tau2 / (cost_tau2 + sampling_variance)', 12) }} as reliability
    from costs
    inner join grid on costs.name = grid.name and grid.cost_weight is not null
    where costs.sampling_variance is not null
    group by costs.name, costs.npi, costs.cpt
),

final as (
    select
        cast(observed.name as text) as name,
        observed.npi,
        cast(observed.cpt as text) as cpt,
        cast(outcomes.ratio as {{ float_type() }}) as shrunken_ratio,
        cast(round(outcomes.ratio_variance + {{ larger_of('0.0', 'outcomes.ratio_square - outcomes.ratio * outcomes.ratio') }}, 12) as {{ float_type() }}) as shrunken_ratio_variance,
        cast(outcomes.reliability as {{ float_type() }}) as reliability,
        cast(coalesce(effects.effect, 0.0) as {{ float_type() }}) as cost_effect,
        cast(round(effects.effect_variance + {{ larger_of('0.0', 'effects.effect_square - effects.effect * effects.effect') }}, 12) as {{ float_type() }}) as cost_effect_variance,
        cast(coalesce(effects.reliability, 0.0) as {{ float_type() }}) as cost_reliability,
        {{ build_columns() }}
    from observed
    left join outcomes on observed.name = outcomes.name and observed.npi = outcomes.npi and observed.cpt = outcomes.cpt
    left join effects on observed.name = effects.name and observed.npi = effects.npi and observed.cpt = effects.cpt
)

select * from final
