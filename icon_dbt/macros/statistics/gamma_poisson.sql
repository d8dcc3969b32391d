{#
  ln(Gamma(start + steps) / Gamma(start)), by Stirling's series eight places further up, so that nothing cancels: within 1e-9.
#}
{% macro ln_rising_factorial(start, steps) -%}
    {%- set far = '(' ~ start ~ ' + 8.0)' -%}
    {%- set top = '(' ~ start ~ ' + 8.0 + ' ~ steps ~ ')' -%}
    (({{ top }} - 0.5) * ln(1.0 + {{ steps }} / {{ far }}) + {{ steps }} * ln({{ far }}) - {{ steps }}
        + (1.0 / {{ top }} - 1.0 / {{ far }}) / 12.0
        - (pow({{ top }}, -3) - pow({{ far }}, -3)) / 360.0
        + (pow({{ top }}, -5) - pow({{ far }}, -5)) / 1260.0
        - ln({% for place in range(8) %}(1.0 + {{ steps }} / ({{ start }} + {{ place }}.0)){{ ' * ' if not loop.last }}{% endfor %}))
{%- endmacro %}

{# Row of the seed gamma_limit for the gamma distribution of this mean and variance; shapes below 1/16 count as 1/16. #}
{% macro gamma_limit_node(mean, variance) -%}
    {{ truncated(smaller_of('199.0', '50.0 * sqrt(' ~ variance ~ ') / ' ~ mean)) }}
{%- endmacro %}

{# Limit that leaves 2.5 % of the gamma distribution beyond it; `limits` is the seed's row, `side` low or high. #}
{% macro gamma_limit(mean, variance, limits, side) -%}
    {%- set root = smaller_of('3.999999', 'sqrt(' ~ variance ~ ') / ' ~ mean) -%}
    {%- set place = '(50.0 * ' ~ root ~ ' - ' ~ limits ~ '.node)' -%}
    {%- set at = limits ~ '.' ~ side -%}
    ({{ mean }} * exp({{ root }} * ({{ at }}_0 + {{ place }} * ({{ at }}_1 + {{ place }} * ({{ at }}_2 + {{ place }} * {{ at }}_3)))))
{%- endmacro %}

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
