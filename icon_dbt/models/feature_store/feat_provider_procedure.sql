with cells as (
    select * from {{ ref('provider_procedure_scorecard') }}
),

scorecard as (
    select * from {{ ref('provider_scorecard') }}
),

providers as (
    select * from {{ ref('std_providers') }}
),

located as (
    select cells.*, substr(providers.zip5, 1, 3) as zip3
    from cells
    left join providers on cells.npi = providers.npi
),

features as (
    select
        located.npi,
        located.cpt,
        located.encounter_count as encounter_count_to_date,
        cast(1.0 * located.encounter_count / scorecard.encounter_count as {{ float_type() }}) as share_of_provider,
        located.adverse_event_count as adverse_event_count_to_date,
        located.shrunken_ratio,
        located.cost_index_shrunk,
        located.paid_median_usd,
        cast(located.paid_p75_usd / nullif(located.paid_p25_usd, 0) as {{ float_type() }}) as paid_quartile_ratio,
        cast(
            case
                when located.zip3 is not null
                    then rank() over (partition by located.zip3, located.cpt order by located.encounter_count desc)
            end as {{ integer_type() }}
        ) as volume_rank_in_zip3,
        cast(case when located.encounter_count < {{ var('small_cell_size') }} then 1 else 0 end as {{ integer_type() }}) as is_low_volume
    from located
    inner join scorecard on located.npi = scorecard.npi
),

{{ feature_versions(
    entities='features',
    keys=['npi', 'cpt'],
    features=[
        'encounter_count_to_date', 'share_of_provider', 'adverse_event_count_to_date', 'shrunken_ratio', 'cost_index_shrunk', 'paid_median_usd',
        'paid_quartile_ratio', 'volume_rank_in_zip3', 'is_low_volume',
    ],
    version=2,
) }}

select * from final
