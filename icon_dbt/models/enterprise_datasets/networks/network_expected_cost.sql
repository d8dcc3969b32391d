with options as (
    select * from {{ ref('network_option') }}
),

benchmark as (
    select * from {{ ref('procedure_benchmark') }}
),

referrals as (
    select employer_id, cpt, count(*) as referrals
    from {{ ref('std_referrals') }}
    group by employer_id, cpt
),

-- what the network costs today: its measured providers, each with the weight of its volume
networks as (
    select
        employer_id,
        cpt,
        count(*) as candidates,
        sum(is_measured) as measured,
        sum(volume) as volume,
        {{ exact_sum('volume * cost_index_shrunk') }} / nullif(sum(volume), 0) as network_cost_index
    from options
    group by employer_id, cpt
),

asked as (
    select employer_id, cpt from networks
    union
    select employer_id, cpt from referrals
),

final as (
    select
        asked.employer_id,
        asked.cpt,
        cast(coalesce(networks.candidates, 0) as integer) as candidates,
        cast(coalesce(networks.measured, 0) as integer) as measured,
        cast(networks.volume as integer) as volume,
        cast(networks.network_cost_index as real) as network_cost_index,
        cast(benchmark.winsor_mean as real) as procedure_mean,
        {%- for name, share in [('low', 'paid_p25'), ('mid', 'paid_p50'), ('high', 'paid_p75')] %}
        cast(benchmark.{{ share }} * coalesce(networks.network_cost_index, 1.0) as real) as est_paid_{{ name }},
        {%- endfor %}
        cast(benchmark.winsor_mean * coalesce(networks.network_cost_index, 1.0) as real) as est_paid_mean,
        {{ build_columns() }}
    from asked
    left join networks on asked.employer_id = networks.employer_id and asked.cpt = networks.cpt
    left join benchmark on asked.cpt = benchmark.cpt and benchmark.n >= {{ var('small_cell_size') }}
)

select * from final
