{{ config(materialized='table') }}
-- modified z of ln(paid) within the procedure (Iglewicz and Hoaglin, 1993); where half of the amounts are one value and the
-- median absolute deviation is 0, the mean absolute deviation stands in. Worked out over distinct amounts: every step reads
-- an index of the verdicts or a table far smaller than the encounters.
with amounts as {{ materialized_cte() }} (

    select cpt, paid_amount_usd, count(*) as copies
    from {{ standing('encounters') }}
    group by cpt, paid_amount_usd

),

placed as {{ materialized_cte() }} (

    select
        cpt,
        paid_amount_usd,
        copies,
        ln(cast(paid_amount_usd as real)) as ln_paid,
        sum(copies) over (
            partition by cpt order by ln(cast(paid_amount_usd as real)), paid_amount_usd rows unbounded preceding
        ) as up_to,
        sum(copies) over (partition by cpt) as size
    from amounts
    where {{ has_shape('paid_amount_usd', 'number') }} and cast(paid_amount_usd as real) > 0

),

medians as (

    select cpt, {{ percentile('ln_paid', 'up_to - copies', 'up_to - 1', 'size', 0.5) }} as median
    from placed
    where size >= 20
    group by cpt

),

deviations as {{ materialized_cte() }} (

    select
        placed.*,
        ln_paid - median as deviation,
        sum(copies) over (
            partition by placed.cpt order by abs(ln_paid - median), paid_amount_usd rows unbounded preceding
        ) as nearer_up_to
    from placed
    inner join medians on placed.cpt = medians.cpt

),

spreads as (

    select
        cpt,
        {{ percentile('abs(deviation)', 'nearer_up_to - copies', 'nearer_up_to - 1', 'size', 0.5) }} as median_deviation,
        {{ exact_sum('abs(deviation) * copies') }} / max(size) as mean_deviation
    from deviations
    group by cpt

),

scored as (

    select
        deviations.cpt,
        deviations.paid_amount_usd,
        case
            when median_deviation > 1e-9 then 0.6745 * deviation / median_deviation
            else deviation / (1.253314 * mean_deviation)
        end as robust_z
    from deviations
    inner join spreads on deviations.cpt = spreads.cpt
    where mean_deviation > 0

),

final as (

    select encounters._row_id, scored.cpt, scored.robust_z
    from scored
    cross join {{ standing('encounters') }} as encounters
    where abs(scored.robust_z) > 3.5 and encounters.cpt = scored.cpt and encounters.paid_amount_usd = scored.paid_amount_usd

)

select * from final
