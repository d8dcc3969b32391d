{#
  Distribution of a sum of independent hypergeometric counts, as CTEs for a `with recursive` list that end in `sum_distribution`
  (key, first, event_count, probability, cumulative).
  `draws`: a row a key and urn: key, drawn (encounters of the key), size (of the urn), events (in the urn).

  The characteristic function of the sum is the product of those of the counts; it is inverted on as many frequencies as the sum has
  values within nine standard deviations and twenty events of its mean (beyond is less than 1e-15, by Bernstein's inequality). The
  sum is one of independent yes-or-no counts, so the modulus at a frequency w is at most exp(-variance * (1 - cos w)): frequencies
  where that is below exp(-40) are left out, and some forty remain whatever the size. Agrees with exact convolution to 1e-12.

  What a count says at a frequency depends on its urn and the number of frequencies alone, so keys that share both share the work:
  the number is rounded up to one of two in each octave.
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

-- an odd number of frequencies, so that none is half a turn, and at least as many as there are values
sum_ranges as (
    select
        *,
        2 * {{ whole_quotient(larger_of('last - first + 1', truncated('ceil(exp(0.5 * ln(2.0) * ceil(ln(last - first + 1.0) / (0.5 * ln(2.0)) - 1e-9)))')), '2') }} + 1 as width
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

-- each urn and number of frequencies once, as far as any of its keys needs them
urn_lengths as {{ materialized_cte() }} (
    select draws.drawn, draws.size, draws.events, lengths.width, max(lengths.last_step) as last_step
    from {{ draws }} as draws
    inner join (select {{ key }}, width, max(step) as last_step from sum_frequencies group by {{ key }}, width) as lengths
        on draws.{{ key }} = lengths.{{ key }}
    group by draws.drawn, draws.size, draws.events, lengths.width
),

frequencies as {{ materialized_cte() }} (
    select distinct width, step, frequency from sum_frequencies
    where step > 0
),

-- less than this is rounded away
likely_counts as {{ materialized_cte() }} (
    select * from urn_counts
    where probability > 4e-16
),

{# of a join SQLite would sort every single count #}
urn_waves as {{ materialized_cte() }} (
    select
        urn_lengths.drawn,
        urn_lengths.size,
        urn_lengths.events,
        urn_lengths.width,
        frequencies.step,
        {%- for name, part in [('real_part', 'cos'), ('imaginary_part', 'sin')] %}
        (
            select {{ exact_sum('counts.probability * ' ~ part ~ '(frequencies.frequency * counts.event_count)', 15) }}
            from likely_counts as counts
            where counts.drawn = urn_lengths.drawn and counts.size = urn_lengths.size and counts.events = urn_lengths.events
        ) as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from urn_lengths
    inner join frequencies on urn_lengths.width = frequencies.width and frequencies.step <= urn_lengths.last_step
),

urn_factors as {{ materialized_cte() }} (
    select
        drawn,
        size,
        events,
        width,
        step,
        0.5 * ln(real_part * real_part + imaginary_part * imaginary_part) as ln_modulus,
        atan2(imaginary_part, real_part) as angle
    from urn_waves
),

sum_waves as {{ materialized_cte() }} (
    select
        sum_frequencies.{{ key }},
        sum_frequencies.step,
        exp({{ exact_sum('urn_factors.ln_modulus', 15) }}) as modulus,
        {{ exact_sum('urn_factors.angle', 15) }} as angle
    from sum_frequencies
    cross join {{ draws }} as draws
    cross join urn_factors
    where sum_frequencies.step > 0 and draws.{{ key }} = sum_frequencies.{{ key }}
        and urn_factors.drawn = draws.drawn and urn_factors.size = draws.size and urn_factors.events = draws.events
        and urn_factors.width = sum_frequencies.width and urn_factors.step = sum_frequencies.step
    group by sum_frequencies.{{ key }}, sum_frequencies.step
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
        {{ key }},
        first,
        event_count,
        (1.0 + 2.0 * coalesce((
            select {{ exact_sum('waves.modulus * cos(waves.angle - 6.283185307179586 * waves.step * sum_values.event_count / sum_values.width)', 15) }}
            from sum_waves as waves
            where waves.{{ key }} = sum_values.{{ key }}
        ), 0.0)) / width as probability
    from sum_values
),

sum_distribution as (
    select
        *,
        sum(probability) over (partition by {{ key }} order by event_count rows between unbounded preceding and current row) as cumulative
    from sum_probabilities
)
{%- endmacro %}
