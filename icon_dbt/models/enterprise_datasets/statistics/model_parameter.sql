with moments as (
    select * from {{ ref('int_variance_moment') }}
),

posterior as (
    select
        name,
        {{ exact_sum('outcome_weight * outcome_tau2', 15) }} as tau2,
        {{ exact_sum('cost_weight * cost_tau2', 15) }} as cost_tau2
    from {{ ref('int_variance_posterior') }}
    group by name
),

used as (
    select
        moments.*,
        posterior.cost_tau2 as cost_tau2_used,
        case when moments.overall_rate is not null then posterior.tau2 end as tau2_used
    from moments
    left join posterior on moments.name = posterior.name
),

final as (
    select
        cast(name as text) as name,
        units,
        overall_rate,
        mu,
        tau2_hat,
        tau2_standard_error,
        cast(tau2_used as {{ float_type() }}) as tau2_used,
        cast(mu * mu / tau2_used as {{ float_type() }}) as alpha,
        cast(mu / tau2_used as {{ float_type() }}) as beta,
        cost_variance_within,
        cost_variance_between,
        cast(cost_tau2_used as {{ float_type() }}) as cost_tau2_used,
        cast(cost_variance_within / cost_tau2_used as {{ float_type() }}) as cost_prior_encounter_count,
        cast({{ var('case_mix_prior_encounters') }} as {{ float_type() }}) as case_mix_prior_encounter_count,
        phi,
        phi_raw,
        overdispersion_tau2,
        heterogeneity_chi2,
        heterogeneity_p,
        cast(case
            when overall_rate is null then null
            when heterogeneity_p < {{ var('evidence_alpha') }} then 1
            else 0
        end as {{ integer_type() }}) as has_evidence_of_difference,
        {{ build_columns() }}
    from used
)

select * from final
