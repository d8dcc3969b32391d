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
        located.n as pp_count_td,
        cast(1.0 * located.n / scorecard.n as real) as pp_share_of_provider,
        located.ae_count as pp_ae_count_td,
        located.eb_oe as pp_eb_oe,
        located.cost_index_shrunk as pp_cost_index_shrunk,
        located.paid_median as pp_paid_median,
        cast(located.p75 / nullif(located.p25, 0) as real) as pp_paid_iqr_ratio,
        cast(
            case
                when located.zip3 is not null
                    then rank() over (partition by located.zip3, located.cpt order by located.n desc)
            end as integer
        ) as pp_volume_rank_in_zip3,
        located.small_cell as low_volume_flag
    from located
    inner join scorecard on located.npi = scorecard.npi
),

{{ feature_versions(
    entities='features',
    keys=['npi', 'cpt'],
    features=[
        'pp_count_td', 'pp_share_of_provider', 'pp_ae_count_td', 'pp_eb_oe', 'pp_cost_index_shrunk', 'pp_paid_median',
        'pp_paid_iqr_ratio', 'pp_volume_rank_in_zip3', 'low_volume_flag',
    ],
    version=1,
) }}

select * from final
