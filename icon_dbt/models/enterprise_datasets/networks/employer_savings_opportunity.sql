{%- set needed = ['adverse_events', 'employer_networks', 'referrals'] %}

with candidates as (
    select * from {{ ref('network_candidate') }}
    where rank <= 3 and is_measured = 1
),

options as (
    select * from {{ ref('network_option') }}
),

costs as (
    select * from {{ ref('network_expected_cost') }}
),

access as (
    select * from {{ ref('referral_access') }}
),

referrals as (
    select employer_id, cpt, count(*) as referrals
    from access
    group by employer_id, cpt
),

-- each place of demand sends its referrals in equal parts to its three best (fewer where fewer are measured)
shared as (
    select
        *,
        1.0 * referrals / count(*) over (partition by employer_id, cpt, zip5) as sent
    from candidates
),

recommended as (
    select employer_id, cpt, npi, {{ exact_sum('sent', 12) }} as sent
    from shared
    group by employer_id, cpt, npi
),

priced as (
    select employer_id, cpt, sum(referrals) as referrals
    from candidates
    where rank = 1
    group by employer_id, cpt
),

-- how many more referrals a provider gets today than it would: what the saving is a sum over
moved as (
    select
        options.employer_id,
        options.cpt,
        options.cost_index_shrunk,
        options.cost_standard_error,
        1.0 * priced.referrals * options.volume / costs.volume as baseline,
        coalesce(recommended.sent, 0.0) as sent
    from options
    inner join priced on options.employer_id = priced.employer_id and options.cpt = priced.cpt
    inner join costs on options.employer_id = costs.employer_id and options.cpt = costs.cpt
    left join recommended
        on options.employer_id = recommended.employer_id and options.cpt = recommended.cpt and options.npi = recommended.npi
    where options.is_measured = 1
),

sums as (
    select
        employer_id,
        cpt,
        {{ exact_sum('baseline * cost_index_shrunk') }} as baseline_index,
        {{ exact_sum('sent * cost_index_shrunk') }} as recommended_index,
        sqrt({{ exact_sum('pow((baseline - sent) * cost_index_shrunk * cost_standard_error, 2)') }}) as index_sd
    from moved
    group by employer_id, cpt
),

final as (
    select
        costs.employer_id,
        costs.cpt,
        cast({{ counted(['referrals'], 'referrals.referrals') }} as {{ integer_type() }}) as referrals,
        cast({{ counted(needed, 'priced.referrals') }} as {{ integer_type() }}) as referrals_priced,
        cast(costs.procedure_mean_usd * sums.baseline_index as {{ float_type() }}) as baseline_usd,
        cast(costs.procedure_mean_usd * sums.recommended_index as {{ float_type() }}) as recommended_usd,
        cast(costs.procedure_mean_usd * (sums.baseline_index - sums.recommended_index - {{ z_95() }} * sums.index_sd) as {{ float_type() }}) as saving_low_usd,
        cast(costs.procedure_mean_usd * (sums.baseline_index - sums.recommended_index) as {{ float_type() }}) as saving_usd,
        cast(costs.procedure_mean_usd * (sums.baseline_index - sums.recommended_index + {{ z_95() }} * sums.index_sd) as {{ float_type() }}) as saving_high_usd,
        cast(case
            when not {{ is_known(needed) }} then null
            when sums.index_sd is null then 'not_measured'
            when sums.baseline_index - sums.recommended_index - {{ z_95() }} * sums.index_sd > 0 then 'saving'
            when sums.baseline_index - sums.recommended_index + {{ z_95() }} * sums.index_sd < 0 then 'extra_cost'
            else 'not_distinguishable_from_zero'
        end as text) as verdict,
        {{ build_columns() }}
    from costs
    left join referrals on costs.employer_id = referrals.employer_id and costs.cpt = referrals.cpt
    left join priced on costs.employer_id = priced.employer_id and costs.cpt = priced.cpt
    left join sums on costs.employer_id = sums.employer_id and costs.cpt = sums.cpt
)

select * from final
