with parameters as (
    select * from {{ ref('model_parameter') }}
),

features as (
    select name, units, overall_rate, mu, tau2_hat, tau2_used, cost_sigma2_w, cost_tau2_b, k as cost_prior_encounters
    from parameters
),

{{ feature_versions(
    entities='features',
    keys=['name'],
    features=['units', 'overall_rate', 'mu', 'tau2_hat', 'tau2_used', 'cost_sigma2_w', 'cost_tau2_b', 'cost_prior_encounters'],
    version=1,
) }}

select * from final
