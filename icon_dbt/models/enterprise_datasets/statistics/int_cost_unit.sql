with amounts as (
    select npi, cpt, encounters, ln_excess from {{ ref('int_provider_procedure_amount') }}
),

benchmark as (
    select cpt, encounter_count, ln_paid_sum, ln_paid_square_sum from {{ ref('procedure_benchmark') }}
),

between_providers as (
    select cpt, count(*) as providers, {{ exact_sum('ln_excess * ln_excess / encounters') }} as square_sum
    from amounts
    group by cpt
),

within_providers as (
    select
        benchmark.cpt,
        benchmark.encounter_count - between_providers.providers as freedom,
        {{ larger_of('0.0', 'benchmark.ln_paid_square_sum - benchmark.ln_paid_sum * benchmark.ln_paid_sum / benchmark.encounter_count - between_providers.square_sum') }} as square_sum
    from benchmark
    inner join between_providers on benchmark.cpt = between_providers.cpt
),

pooled as (
    select {{ exact_sum('square_sum') }} / nullif(sum(freedom), 0) as variance
    from within_providers
),

-- a procedure with few encounters borrows from all; the floor is a deviation of three percent
variances as (
    select
        within_providers.cpt,
        case when pooled.variance is not null then {{ larger_of('0.001', '(within_providers.square_sum + ' ~ var('cost_prior_freedom') ~ ' * pooled.variance) / (within_providers.freedom + ' ~ var('cost_prior_freedom') ~ ')') }} end
            as variance
    from within_providers
    cross join pooled
),

cells as (
    select
        amounts.npi,
        amounts.cpt,
        amounts.ln_excess,
        amounts.encounters,
        variances.variance
    from amounts
    inner join variances on amounts.cpt = variances.cpt
),

-- a provider's mean weights each procedure by what its amounts can tell
providers as (
    select
        npi,
        sum(encounters) as encounters,
        {{ exact_sum('ln_excess / variance', 8) }} as told,
        {{ exact_sum('encounters / variance', 8) }} as precision_sum
    from cells
    group by npi
),

units as (
    select 'provider' as name, npi, '' as cpt, encounters, told / precision_sum as ln_excess_mean, 1.0 / precision_sum as variance
    from providers
    union all
    select 'provider_procedure' as name, npi, cpt, encounters, ln_excess / encounters as ln_excess_mean, variance / encounters as variance
    from cells
),

final as (
    select
        cast(name as text) as name,
        npi,
        cast(cpt as text) as cpt,
        cast(encounters as {{ integer_type() }}) as encounters,
        cast(ln_excess_mean as {{ float_type() }}) as ln_excess_mean,
        cast(variance as {{ float_type() }}) as sampling_variance,
        {{ build_columns() }}
    from units
)

select * from final
