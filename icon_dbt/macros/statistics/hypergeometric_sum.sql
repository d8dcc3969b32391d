{#
  Distribution of a sum of independent hypergeometric counts, as CTEs for a `with recursive` list that end in `sum_distribution`
  (key, first, event_count, probability, cumulative).
  `draws`: a row a key and urn: key, drawn (encounters of the key), size (of the urn), events (in the urn).

  The characteristic function of the sum is the product of those of the counts; it is inverted on as many frequencies as the sum has
  values within nine standard deviations and twenty events of its mean (beyond is less than 1e-15, by Bernstein's inequality). The
  sum is one of independent yes-or-no counts, so the modulus at a frequency w is at most exp(-variance * (1 - cos w)): frequencies
  where that is below exp(-40) are left out, and some forty remain whatever the size. Agrees with exact convolution to 1e-12.
#}
{% macro hypergeometric_sum(draws, key) -%}
urns as (
    select distinct drawn, size, events from {{ draws }}
),

-- ratios of neighbouring probabilities; a sum of one makes the weights probabilities
urn_walk as (
    select drawn, size, events, {{ larger_of('0', 'drawn + events - size') }} as event_count, 0.0 as ln_weight
    from urns
    union all
    select drawn, size, events, event_count + 1,
        ln_weight + ln(1.0 * (drawn - event_count) * (events - event_count) / (1.0 * (event_count + 1) * (size - drawn - events + event_count + 1)))
    from urn_walk
    where event_count < {{ smaller_of('drawn', 'events') }}
),

urn_weights as (
    select *, exp(ln_weight - max(ln_weight) over (partition by drawn, size, events)) as weight
    from urn_walk
),

urn_sums as (
    select drawn, size, events, {{ exact_sum('weight', 15) }} as weight
    from urn_weights
    group by drawn, size, events
),

urn_counts as (
    select urn_weights.drawn, urn_weights.size, urn_weights.events, urn_weights.event_count, urn_weights.weight / urn_sums.weight as probability
    from urn_weights
    inner join urn_sums
        on urn_weights.drawn = urn_sums.drawn and urn_weights.size = urn_sums.size and urn_weights.events = urn_sums.events
    where urn_weights.weight > 1e-20
),

sum_moments as (
    select
        {{ key }},
        {{ exact_sum('1.0 * drawn * events / size', 12) }} as mean,
        {{ exact_sum('coalesce(1.0 * drawn * (size - drawn) * events * (size - events) / size / size / nullif(size - 1, 0), 0.0)', 12) }} as variance,
        sum({{ larger_of('0', 'drawn + events - size') }}) as lowest,
        sum({{ smaller_of('drawn', 'events') }}) as highest
    from {{ draws }}
    group by {{ key }}
),

sum_ends as (
    select
        *,
        {{ truncated(larger_of('1.0 * lowest', 'floor(mean - 9.0 * sqrt(variance) - 20.0)')) }} as first,
        {{ truncated(smaller_of('1.0 * highest', 'ceil(mean + 9.0 * sqrt(variance) + 20.0)')) }} as last
    from sum_moments
),

-- an odd number of values, so that no frequency is half a turn
sum_ranges as (
    select *, last - first + 1 + (last - first) % 2 as width
    from sum_ends
),

sum_frequencies as (
    select {{ key }}, width, variance, 0 as step, 0.0 as frequency
    from sum_ranges
    union all
    select {{ key }}, width, variance, step + 1, 6.283185307179586 * (step + 1) / width
    from sum_frequencies
    where step + 1 <= {{ whole_quotient('width - 1', '2') }} and variance * (1.0 - cos(6.283185307179586 * (step + 1) / width)) < 40.0
),

urn_factors as (
    select
        draws.{{ key }},
        draws.place,
        sum_frequencies.step,
        {{ exact_sum('urn_counts.probability * cos(sum_frequencies.frequency * urn_counts.event_count)', 15) }} as real_part,
        {{ exact_sum('urn_counts.probability * sin(sum_frequencies.frequency * urn_counts.event_count)', 15) }} as imaginary_part
    from (select *, row_number() over (partition by {{ key }} order by size, events, drawn) as place from {{ draws }}) as draws
    inner join sum_frequencies on draws.{{ key }} = sum_frequencies.{{ key }} and sum_frequencies.step > 0
    inner join urn_counts on draws.drawn = urn_counts.drawn and draws.size = urn_counts.size and draws.events = urn_counts.events
    group by draws.{{ key }}, draws.place, sum_frequencies.step
),

sum_waves as (
    select
        {{ key }},
        step,
        exp({{ exact_sum('0.5 * ln(real_part * real_part + imaginary_part * imaginary_part)', 15) }}) as modulus,
        {{ exact_sum('atan2(imaginary_part, real_part)', 15) }} as angle
    from urn_factors
    group by {{ key }}, step
),

sum_values as (
    select {{ key }}, first, last, width, first as event_count
    from sum_ranges
    union all
    select {{ key }}, first, last, width, event_count + 1
    from sum_values
    where event_count < last
),

sum_probabilities as (
    select
        sum_values.{{ key }},
        sum_values.first,
        sum_values.event_count,
        (1.0 + 2.0 * coalesce({{ exact_sum('sum_waves.modulus * cos(sum_waves.angle - 6.283185307179586 * sum_waves.step * sum_values.event_count / sum_values.width)', 15) }}, 0.0))
            / sum_values.width as probability
    from sum_values
    left join sum_waves on sum_values.{{ key }} = sum_waves.{{ key }}
    group by sum_values.{{ key }}, sum_values.first, sum_values.event_count, sum_values.width
),

sum_distribution as (
    select
        *,
        sum(probability) over (partition by {{ key }} order by event_count rows between unbounded preceding and current row) as cumulative
    from sum_probabilities
)
{%- endmacro %}
