{{ config(materialized='table') }}
-- modified z of ln(paid) within the procedure (Iglewicz and Hoaglin, 1993); where half of the amounts are one value and the
-- median absolute deviation is 0, the mean absolute deviation stands in
with encounters as (

    select _row_id, cpt, ln(cast(paid_amount_usd as real)) as ln_paid
    from {{ standing('encounters') }}
    where {{ has_shape('paid_amount_usd', 'number') }} and cast(paid_amount_usd as real) > 0

),

ranked as (

    select
        *,
        row_number() over (partition by cpt order by ln_paid) as place,
        count(*) over (partition by cpt) as encounter_count
    from encounters

),

medians as (

    select cpt, avg(ln_paid) as median
    from ranked
    where place in ((encounter_count + 1) / 2, (encounter_count + 2) / 2) and encounter_count >= 20
    group by cpt

),

deviations as (

    select
        encounters._row_id,
        encounters.cpt,
        encounters.ln_paid - medians.median as deviation,
        row_number() over (partition by encounters.cpt order by abs(encounters.ln_paid - medians.median)) as place,
        count(*) over (partition by encounters.cpt) as encounter_count
    from encounters
    inner join medians on encounters.cpt = medians.cpt

),

spreads as (

    select
        cpt,
        avg(case when place in ((encounter_count + 1) / 2, (encounter_count + 2) / 2) then abs(deviation) end) as median_deviation,
        avg(abs(deviation)) as mean_deviation
    from deviations
    group by cpt

),

final as (

    select
        deviations._row_id,
        deviations.cpt,
        case
            when spreads.median_deviation > 1e-9 then 0.6745 * deviations.deviation / spreads.median_deviation
            else deviations.deviation / (1.253314 * spreads.mean_deviation)
        end as robust_z
    from deviations
    inner join spreads on deviations.cpt = spreads.cpt
    where spreads.mean_deviation > 0
        and abs(
            case
                when spreads.median_deviation > 1e-9 then 0.6745 * deviations.deviation / spreads.median_deviation
                else deviations.deviation / (1.253314 * spreads.mean_deviation)
            end
        ) > 3.5

)

select * from final
