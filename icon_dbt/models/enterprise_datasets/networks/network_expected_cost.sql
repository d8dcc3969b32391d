{%- set needed = ['employer_networks', 'encounters'] %}

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
        cast({{ counted(needed, 'networks.candidates') }} as {{ integer_type() }}) as candidates,
        cast({{ counted(needed, 'networks.measured') }} as {{ integer_type() }}) as measured,
        cast(networks.volume as {{ integer_type() }}) as volume,
        cast(networks.network_cost_index as {{ float_type() }}) as network_cost_index,
        cast(benchmark.winsorised_mean_usd as {{ float_type() }}) as procedure_mean_usd,
        {%- for name, share in [('low', 'paid_p25_usd'), ('mid', 'paid_p50_usd'), ('high', 'paid_p75_usd')] %}
        cast(benchmark.{{ share }} * {{ if_known(needed, 'coalesce(networks.network_cost_index, 1.0)') }} as {{ float_type() }}) as expected_paid_{{ name }}_usd,
        {%- endfor %}
        cast(benchmark.winsorised_mean_usd * {{ if_known(needed, 'coalesce(networks.network_cost_index, 1.0)') }} as {{ float_type() }}) as expected_paid_mean_usd,
        {{ build_columns() }}
    from asked
    left join networks on asked.employer_id = networks.employer_id and asked.cpt = networks.cpt
    left join benchmark on asked.cpt = benchmark.cpt and benchmark.encounter_count >= {{ var('small_cell_size') }}
)

select * from final
