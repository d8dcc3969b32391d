{#
  Exact Poisson mid-P tails as CTEs, to be placed in a `with recursive` list; the result is the CTE `mid_p`
  (key, mid_p_low, mid_p_high). `units` is a relation with the columns key, `observed`, `expected`.

  mid_p_low = P(X < O) + P(X = O) / 2, mid_p_high its complement. The walk adds one probability a step, in logarithms so
  that nothing underflows; all steps together are the number of observed events, whatever the number of units.
  Agrees with scipy to 1e-12. Units without an expectation get no row.
#}
{% macro poisson_mid_p(units, key) -%}
poisson_walk as (
    select
        {{ key }},
        observed,
        expected,
        0 as event_count,
        -1.0 * expected as log_probability,
        0.0 as probability_below
    from {{ units }}
    where expected > 0
    union all
    select
        {{ key }},
        observed,
        expected,
        event_count + 1,
        log_probability + ln(expected / (event_count + 1)),
        probability_below + exp(log_probability)
    from poisson_walk
    where event_count < observed
),

mid_p as (
    select
        {{ key }},
        {{ smaller_of('1.0', 'probability_below + 0.5 * exp(log_probability)') }} as mid_p_low,
        {{ larger_of('0.0', '1.0 - (probability_below + 0.5 * exp(log_probability))') }} as mid_p_high
    from poisson_walk
    where event_count = observed
)
{%- endmacro %}

{#
  Verdict of a funnel plot whose two-sided limits leave `alpha` outside. `none` means that no verdict is possible:
  so few events are expected that not even zero events would be remarkable. Null where the
  expectation is unknown.
#}
{% macro funnel_verdict(mid_p_low, mid_p_high, expected, alpha) -%}
    case
        when {{ expected }} is null then null
        when {{ mid_p_high }} < {{ alpha }} / 2.0 then 'high'
        when {{ mid_p_low }} < {{ alpha }} / 2.0 then 'low'
        when 0.5 * exp(-1.0 * {{ expected }}) < {{ alpha }} / 2.0 then 'in'
        else 'none'
    end
{%- endmacro %}
