with amounts as (
    select npi, cpt, paid_cents from {{ ref('fct_encounter') }}
),

benchmark as (
    select * from {{ ref('procedure_benchmark') }}
),

-- whole cents and billionths of a logarithm: integer sums do not depend on the order of the rows
sums as (
    select
        amounts.npi,
        amounts.cpt,
        count(*) as encounters,
        sum({{ larger_of('benchmark.winsor_low_cents', smaller_of('benchmark.winsor_high_cents', 'amounts.paid_cents')) }})
            as paid_winsor_cents_sum,
        {{ exact_sum('ln(amounts.paid_cents / 100.0)') }} as ln_paid_sum
    from amounts
    inner join benchmark on amounts.cpt = benchmark.cpt
    group by amounts.npi, amounts.cpt
),

final as (
    select
        sums.npi,
        sums.cpt,
        cast(sums.encounters as {{ integer_type() }}) as encounters,
        cast(sums.paid_winsor_cents_sum / 100.0 as {{ float_type() }}) as winsorised_paid_sum_usd,
        cast(sums.encounters * benchmark.winsorised_mean_usd as {{ float_type() }}) as expected_paid_sum_usd,
        cast(sums.ln_paid_sum - sums.encounters * benchmark.ln_paid_sum / benchmark.encounter_count as {{ float_type() }}) as ln_excess,
        {{ build_columns() }}
    from sums
    inner join benchmark on sums.cpt = benchmark.cpt
)

select * from final
