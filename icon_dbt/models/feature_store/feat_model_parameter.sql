with parameters as (
    select * from {{ ref('model_parameter') }}
),

features as (
    select name, units, overall_rate, mu, tau2_hat, tau2_used, cost_variance_within, cost_variance_between, cost_prior_encounter_count
    from parameters
),

{{ feature_versions(
    entities='features',
    keys=['name'],
    features=['units', 'overall_rate', 'mu', 'tau2_hat', 'tau2_used', 'cost_variance_within', 'cost_variance_between', 'cost_prior_encounter_count'],
    version=2,
) }}

select * from final
