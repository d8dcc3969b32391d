with procedures as (
    select cpt, family, body_region from {{ ref('dim_procedure') }}
),

benchmark as (
    select cpt, encounter_count, providers, adverse_event_rate, paid_p50_usd, ln_paid_robust_sd, winsor_low_usd, winsor_high_usd from {{ ref('procedure_benchmark') }}
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
        cast({{ counted(['encounters'], 'benchmark.encounter_count') }} as {{ integer_type() }}) as encounter_count_to_date,
        cast({{ counted(['encounters'], 'benchmark.providers') }} as {{ integer_type() }}) as providers,
        benchmark.adverse_event_rate as adverse_event_rate_to_date,
        benchmark.paid_p50_usd as paid_median_usd,
        benchmark.ln_paid_robust_sd,
        benchmark.winsor_low_usd,
        benchmark.winsor_high_usd
    from entities
    left join procedures on entities.cpt = procedures.cpt
    left join benchmark on entities.cpt = benchmark.cpt
),

{{ feature_versions(
    entities='features',
    keys=['cpt'],
    features=['family', 'body_region', 'encounter_count_to_date', 'providers', 'adverse_event_rate_to_date', 'paid_median_usd', 'ln_paid_robust_sd', 'winsor_low_usd', 'winsor_high_usd'],
    version=2,
) }}

select * from final
