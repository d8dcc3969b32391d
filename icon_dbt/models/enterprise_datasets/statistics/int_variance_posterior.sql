-- a grid of standard deviations between units, and how likely each is: uniform in the variance, times the likelihood of all units
with recursive outcomes as (
    select * from {{ ref('int_variance_moment') }}
),

chance_moments as (
    select * from {{ ref('int_chance_moments') }}
),

observed as (
    {{ outcome_units(ref('provider_case_mix')) }}
),

costs as (
    select * from {{ ref('int_cost_unit') }} where sampling_variance is not null
),

cost_precision as (
    select name, count(*) as units, count(distinct npi) as providers, {{ exact_sum('1.0 / sampling_variance', 8) }} as precision_sum
    from costs
    group by name
),

cost_sums as (
    select costs.name, cost_precision.units, cost_precision.precision_sum,
        {{ exact_sum('1.0 / sampling_variance / precision_sum * (1.0 / sampling_variance / precision_sum)', 15) }} as share_square_sum,
        {{ exact_sum('ln_excess_mean * ln_excess_mean / sampling_variance', 8) }} as square_sum,
        {{ exact_sum('ln_excess_mean / sampling_variance', 8) }} as told
    from costs
    inner join cost_precision on costs.name = cost_precision.name
    group by costs.name, cost_precision.units, cost_precision.precision_sum
),

cost_moments as (
    select *, (square_sum - told * told / precision_sum - (units - 1)) / case when units > 1 then precision_sum * (1.0 - share_square_sum) end as tau2_hat
    from cost_sums
),

cost_errors as (
    select
        *,
        sqrt(2.0 * (units + 2.0 * {{ larger_of('tau2_hat', '0.0') }} * precision_sum
            + pow({{ larger_of('tau2_hat', '0.0') }} * precision_sum, 2) * share_square_sum))
            / case when units > 1 then precision_sum * (1.0 - share_square_sum) end as standard_error
    from cost_moments
),

estimates as (
    select name, 'outcome' as kind, tau2_hat, tau2_standard_error as standard_error, 1.0 as widest, mu from outcomes
    union all
    select name, 'cost' as kind, tau2_hat, standard_error, 0.5 as widest, 0.0 as mu from cost_errors
),

-- where the estimate says nothing, all up to `widest` is as likely
ranges as (
    select
        name,
        kind,
        mu,
        coalesce(sqrt({{ larger_of('0.0', 'tau2_hat - 5.0 * standard_error') }}), 0.0) as lowest,
        coalesce(sqrt({{ larger_of('0.0', 'tau2_hat') }} + 8.0 * standard_error), widest) as highest
    from estimates
),

steps as (
    select 1 as step
    union all
    select step + 1 as step from steps where step < {{ var('variance_grid') }}
),

grid as (
    select ranges.*, steps.step, lowest + (highest - lowest) * (steps.step - 0.5) / {{ var('variance_grid') }} as tau
    from ranges
    cross join steps
),

-- procedures of one provider are no independent witnesses: they count as the geometric mean of their number and that of the providers
witnesses as (
    select name, 'cost' as kind, count(*) as units, sqrt(1.0 * count(distinct npi) / count(*)) as independent_share
    from observed
    group by name
    union all
    select name, 'outcome' as kind, count(*) as units, sqrt(1.0 * count(distinct npi) / count(*)) as independent_share
    from observed
    where expected > 0
    group by name
),

-- chance alone spreads O less than a Poisson count (int_chance_moments): counts are scaled to the spread that it has
chance as (
    select outcomes.name, coalesce(nullif(chance_moments.chi2_mean, 0) / witnesses.units, 1.0) as spread
    from outcomes
    left join chance_moments on outcomes.name = chance_moments.name
    left join witnesses on outcomes.name = witnesses.name and witnesses.kind = 'outcome'
),

scaled as (
    select observed.name, observed.observed / chance.spread as observed, observed.expected / chance.spread as expected
    from observed
    inner join chance on observed.name = chance.name
    where observed.expected > 0
),

-- relative to units that do not differ, so that the numbers stay small
likelihoods as (
    select grid.name, grid.kind, grid.step,
        {{ exact_sum(
            ln_rising_factorial('(mu * mu / tau / tau)', 'observed') ~ ' - mu * mu / tau / tau * ln(1.0 + expected * tau * tau / mu)'
            ~ ' - observed * ln(mu * (mu / tau / tau + expected)) + mu * expected', 8) }} as ln_likelihood
    from grid
    inner join scaled on grid.name = scaled.name
    where grid.kind = 'outcome'
    group by grid.name, grid.kind, grid.step
    union all
    select grid.name, grid.kind, grid.step,
        {{ exact_sum(
            '0.5 * ln_excess_mean * ln_excess_mean * (1.0 / sampling_variance - 1.0 / (sampling_variance + tau * tau))'
            ~ ' - 0.5 * ln(1.0 + tau * tau / sampling_variance)', 8) }}
    from grid
    inner join costs on grid.name = costs.name
    where grid.kind = 'cost'
    group by grid.name, grid.kind, grid.step
),

weighed as (
    select grid.*, ln(grid.tau) + coalesce(witnesses.independent_share * likelihoods.ln_likelihood, 0.0) as ln_weight
    from grid
    left join likelihoods on grid.name = likelihoods.name and grid.kind = likelihoods.kind and grid.step = likelihoods.step
    left join witnesses on grid.name = witnesses.name and grid.kind = witnesses.kind
),

relative as (
    select *, exp(ln_weight - max(ln_weight) over (partition by name, kind)) as weight
    from weighed
),

weights as (
    select name, kind, step, tau * tau as tau2, round(weight / sum(weight) over (partition by name, kind), 12) as weight
    from relative
),

final as (
    select
        cast(name as text) as name,
        cast(step as {{ integer_type() }}) as step,
        {%- for column in ['tau2', 'weight'] %}
        cast({{ if_known(['adverse_events'], "max(case when kind = 'outcome' then " ~ column ~ " end)") }} as {{ float_type() }}) as outcome_{{ column }},
        cast(max(case when kind = 'cost' then {{ column }} end) as {{ float_type() }}) as cost_{{ column }},
        {%- endfor %}
        {{ build_columns() }}
    from weights
    group by name, step
)

select * from final
