{{ config(materialized='table') }}
{%- set rule = declared_rule('encounters', 'encounters__paid_amount_usd__not_outlying')['arguments'] %}
{%- set amount, within = rule['column'], rule['within'] %}
-- modified z of ln(amount) within its group, a procedure (Iglewicz and Hoaglin, 1993); where half of the amounts are one
-- value and the median absolute deviation is 0, the mean absolute deviation stands in. Worked out over distinct amounts:
-- every step reads an index of the verdicts or a table far smaller than the encounters.
with amounts as {{ materialized_cte() }} (

    select {{ within }}, {{ amount }}, count(*) as copies
    from {{ standing('encounters') }} as encounters
    group by {{ within }}, {{ amount }}

),

placed as {{ materialized_cte() }} (

    select
        {{ within }},
        {{ amount }},
        copies,
        ln({{ float_of_text(amount) }}) as ln_paid,
        sum(copies) over (
            partition by {{ within }} order by ln({{ float_of_text(amount) }}), {{ amount }} rows unbounded preceding
        ) as up_to,
        sum(copies) over (partition by {{ within }}) as size
    from amounts
    where {{ has_shape(amount, 'number') }} and {{ float_of_text(amount) }} > 0

),

medians as (

    select {{ within }}, {{ percentile('ln_paid', 'up_to - copies', 'up_to - 1', 'size', 0.5) }} as median
    from placed
    where size >= {{ rule['least'] }}
    group by {{ within }}

),

deviations as {{ materialized_cte() }} (

    select
        placed.*,
        ln_paid - median as deviation,
        sum(copies) over (
            partition by placed.{{ within }} order by abs(ln_paid - median), {{ amount }} rows unbounded preceding
        ) as nearer_up_to
    from placed
    inner join medians on placed.{{ within }} = medians.{{ within }}

),

spreads as (

    select
        {{ within }},
        {{ percentile('abs(deviation)', 'nearer_up_to - copies', 'nearer_up_to - 1', 'size', 0.5) }} as median_deviation,
        {{ exact_sum('abs(deviation) * copies') }} / max(size) as mean_deviation
    from deviations
    group by {{ within }}

),

scored as (

    select
        deviations.{{ within }},
        deviations.{{ amount }},
        case
            when median_deviation > 1e-9 then 0.6745 * deviation / median_deviation
            else deviation / (1.253314 * mean_deviation)
        end as robust_z
    from deviations
    inner join spreads on deviations.{{ within }} = spreads.{{ within }}
    where mean_deviation > 0

),

final as (

    select encounters._row_id, scored.{{ within }}, scored.robust_z
    from scored
    cross join {{ standing('encounters') }} as encounters
    where abs(scored.robust_z) > {{ rule['z_limit'] }} and encounters.{{ within }} = scored.{{ within }} and encounters.{{ amount }} = scored.{{ amount }}

)

select * from final
