{#
  Upper tail of the gamma distribution of scale 1, as CTEs for a `with recursive` list that end in `gamma_tail` (name, upper_tail).
  `points`: name, shape, place. The power series of the lower incomplete gamma function, whose terms are all positive, until they no
  longer count: within 1e-9. Twenty standard deviations and a hundred out the tail is zero.
#}
{% macro gamma_upper_tail(points) -%}
gamma_series as (
    select
        name,
        shape,
        place,
        0 as step,
        1.0 as term,
        1.0 as total
    from {{ points }}
    where place > 0 and place < shape + 20.0 * sqrt(shape) + 100.0
    union all
    select name, shape, place, step + 1, term * place / (shape + step + 1), total + term * place / (shape + step + 1)
    from gamma_series
    where term > 1e-17 * total
),

gamma_sums as (
    select name, shape, place, max(total) as total
    from gamma_series
    group by name, shape, place
),

gamma_tail as (
    select
        points.name,
        case
            when points.place <= 0 then 1.0
            when gamma_sums.total is not null then {{ larger_of('0.0', "1.0 - exp(points.shape * ln(points.place) - points.place - " ~ ln_rising_factorial('1.0', 'points.shape') ~ " + ln(gamma_sums.total))") }}
            when points.place is not null then 0.0
        end as upper_tail
    from {{ points }} as points
    left join gamma_sums on points.name = gamma_sums.name
)
{%- endmacro %}
