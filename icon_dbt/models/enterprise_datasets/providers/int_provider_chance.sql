-- how many events chance alone would give each provider, were the events of every risk group dealt at random to its encounters
with recursive case_mix as (
    select * from {{ ref('provider_case_mix') }}
),

risk_groups as (
    select distinct risk_group, group_mature_encounter_count as size, group_observed_count as events
    from {{ ref('case_mix_reference') }}
),

draws as (
    select case_mix.npi, risk_groups.size, risk_groups.events, sum(case_mix.mature_encounter_count) as drawn
    from case_mix
    inner join risk_groups on case_mix.risk_group = risk_groups.risk_group
    where risk_groups.events > 0 and case_mix.mature_encounter_count > 0
    group by case_mix.npi, risk_groups.risk_group, risk_groups.size, risk_groups.events
),

{{ hypergeometric_sum('draws', 'npi') }},

tails as (
    select
        npi,
        first,
        event_count,
        probability,
        round({{ larger_of('0.0', smaller_of('1.0', 'cumulative - 0.5 * probability')) }}, 12) as mid_p_low
    from sum_distribution
),

-- were the odds of an event doubled, each count would weigh twice as much as the one before it: how much the weights of all grow then
grown_urns as (
    select drawn, size, events, max(ln_grown) as largest, {{ exact_sum('exp(ln_grown - largest)', 15) }} as rest
    from (
        select *, max(ln_grown) over (partition by drawn, size, events) as largest
        from (
            select drawn, size, events, ln(probability) + ln(2.0) * (event_count - 1.0 * drawn * events / size) as ln_grown
            from urn_counts
        ) as weighed
    ) as beside_largest
    group by drawn, size, events
),

grown as (
    select
        draws.npi,
        {{ exact_sum('grown_urns.largest + ln(grown_urns.rest)', 12) }} as ln_growth,
        {{ exact_sum('1.0 * draws.drawn * draws.events / draws.size', 12) }} as mean
    from draws
    inner join grown_urns on draws.drawn = grown_urns.drawn and draws.size = grown_urns.size and draws.events = grown_urns.events
    group by draws.npi
),

limits as (
    select
        npi,
        first,
        max(event_count) as last_count,
        {%- for name, tail in [('95', 0.025), ('998', 0.001)] %}
        max(case when mid_p_low < {{ tail }} then event_count end) as lower_count_{{ name }},
        min(case when 1.0 - mid_p_low < {{ tail }} then event_count end) as upper_count_{{ name }},
        {{ exact_sum('case when mid_p_low < ' ~ tail ~ ' or 1.0 - mid_p_low < ' ~ tail ~ ' then ' ~ larger_of('0.0', 'probability') ~ ' else 0.0 end', 12) }}
            as flag_probability_{{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from tails
    group by npi, first
),

-- what the verdict would not call high, whatever the odds: the rest is found
found as (
    select
        limits.npi,
        {%- for name in ['95', '998'] %}
        {%- set weight = larger_of('0.0', 'tails.probability') ~ ' * exp(' ~ smaller_of('600.0', 'ln(2.0) * (tails.event_count - grown.mean) - grown.ln_growth') ~ ')' %}
        {%- set missed = exact_sum('case when limits.upper_count_' ~ name ~ ' is null or tails.event_count < limits.upper_count_' ~ name ~ ' then ' ~ weight ~ ' else 0.0 end', 12) %}
        round({{ larger_of('0.0', smaller_of('1.0', '1.0 - ' ~ missed)) }}, 9) as double_odds_power_{{ name }}
            {{- ',' if not loop.last }}
        {%- endfor %}
    from limits
    inner join tails on limits.npi = tails.npi
    inner join grown on limits.npi = grown.npi
    group by limits.npi
),

observed as (
    select npi, sum(adverse_event_count) as event_count
    from case_mix
    group by npi
),

-- counts that the range leaves out are beyond any chance
marked as (
    select
        limits.*,
        found.double_odds_power_95,
        found.double_odds_power_998,
        case
            when observed.event_count < limits.first then 0.0
            when observed.event_count > limits.last_count then 1.0
            else tails.mid_p_low
        end as mid_p_low
    from limits
    inner join observed on limits.npi = observed.npi
    inner join found on limits.npi = found.npi
    left join tails on limits.npi = tails.npi and observed.event_count = tails.event_count
),

ranked as (
    select
        *,
        {{ smaller_of('1.0', '2.0 * ' ~ smaller_of('mid_p_low', '1.0 - mid_p_low')) }} as p,
        row_number() over (order by {{ smaller_of('mid_p_low', '1.0 - mid_p_low') }}, npi) as place,
        count(*) over () as providers
    from marked
),

final as (
    select
        npi,
        cast(mid_p_low as {{ float_type() }}) as mid_p_low,
        cast(1.0 - mid_p_low as {{ float_type() }}) as mid_p_high,
        {%- for name in ['95', '998'] %}
        cast(lower_count_{{ name }} as {{ integer_type() }}) as lower_count_{{ name }},
        cast(upper_count_{{ name }} as {{ integer_type() }}) as upper_count_{{ name }},
        cast(flag_probability_{{ name }} as {{ float_type() }}) as flag_probability_{{ name }},
        cast(double_odds_power_{{ name }} as {{ float_type() }}) as double_odds_power_{{ name }},
        {%- endfor %}
        cast({{ smaller_of('1.0', 'min(p * providers / place) over (order by place desc rows between unbounded preceding and current row)') }} as {{ float_type() }}) as q_value,
        {{ build_columns() }}
    from ranked
)

select * from final
