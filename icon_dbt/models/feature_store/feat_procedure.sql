with procedures as (
    select cpt, family, body_region from {{ ref('dim_procedure') }}
),

benchmark as (
    select cpt, n, providers, ae_rate, paid_p50, ln_robust_sd, winsor_lo, winsor_hi from {{ ref('procedure_benchmark') }}
),

entities as (
    select cpt from procedures
    union
    select cpt from benchmark
),

features as (
    select
        entities.cpt,
        procedures.family,
        procedures.body_region,
        cast(coalesce(benchmark.n, 0) as integer) as n_td,
        cast(coalesce(benchmark.providers, 0) as integer) as providers,
        benchmark.ae_rate as ae_rate_td,
        benchmark.paid_p50 as median_paid,
        benchmark.ln_robust_sd as robust_sd,
        benchmark.winsor_lo,
        benchmark.winsor_hi
    from entities
    left join procedures on entities.cpt = procedures.cpt
    left join benchmark on entities.cpt = benchmark.cpt
),

{{ feature_versions(
    entities='features',
    keys=['cpt'],
    features=['family', 'body_region', 'n_td', 'providers', 'ae_rate_td', 'median_paid', 'robust_sd', 'winsor_lo', 'winsor_hi'],
    version=1,
) }}

select * from final
