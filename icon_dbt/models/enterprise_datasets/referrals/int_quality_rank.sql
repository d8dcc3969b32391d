{{ config(post_hook=index_on(['employer_id', 'cpt', 'npi', 'zip5'], unique=true)) }}

-- Who of the measured candidates that are offered is better in outcome and cost, and how sure is that? Quality is the weighted sum
-- of both logarithms, lower is better; its posterior is taken for normal. Distance and volume are no quality.
{# the posterior of each candidate at even steps; the rule of the trapezoid is exact to 1e-3 for errors within a factor of three #}
{%- set euler = 2.718281828459045 -%}
{%- set steps = [] -%}
{%- for number in range(-9, 10) -%}
    {%- set z = number * 0.4 -%}
    {%- do steps.append({'name': loop.index, 'z': z, 'density': euler ** (-0.5 * z * z)}) -%}
{%- endfor -%}
{%- set total_density = steps | sum(attribute='density') -%}
with offered as {{ materialized_cte() }} (
    select
        employer_id,
        cpt,
        zip5,
        npi,
        {{ choice_weight('outcome') }} * outcome_score + {{ choice_weight('cost') }} * cost_score as quality,
        {{ larger_of('1e-12', 'score_standard_error') }} as error
    from {{ ref('network_candidate') }}
    where rank <= 5 and is_measured = 1 and outcome_score is not null
),

-- the same two meet again in many places, so each pair is worked out once
scores as {{ materialized_cte() }} (
    select npi, quality, error, row_number() over (order by npi, quality, error) as score_id
    from (select distinct npi, quality, error from offered) as seen_once
),

placed as {{ materialized_cte() }} (
    select offered.*, scores.score_id
    from offered
    inner join scores on offered.npi = scores.npi and offered.quality = scores.quality and offered.error = scores.error
),

pairs as {{ materialized_cte() }} (
    select own.employer_id, own.cpt, own.zip5, own.npi, own.score_id, other.score_id as other_score_id
    from placed as own
    inner join placed as other
        on own.employer_id = other.employer_id and own.cpt = other.cpt and own.zip5 = other.zip5 and own.npi <> other.npi
),

-- each pair alone: how far the other is from being better, on the whole and where the own quality stands at each step
gaps as {{ materialized_cte() }} (
    select
        own.score_id,
        other.score_id as other_score_id,
        (other.quality - own.quality) / sqrt(own.error * own.error + other.error * other.error) as z,
        case
            when own.quality - {{ z_95() }} * own.error > other.quality + {{ z_95() }} * other.error then 1 else 0
        end as is_apart,
        {%- for step in steps %}
        (other.quality - own.quality - own.error * ({{ step.z }})) / other.error as z_{{ step.name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from (select distinct score_id, other_score_id from pairs) as meeting
    inner join scores as own on meeting.score_id = own.score_id
    inner join scores as other on meeting.other_score_id = other.score_id
),

-- the chance that the other is better
compared as {{ materialized_cte() }} (
    select
        score_id,
        other_score_id,
        {{ normal_upper_tail('z') }} as is_better,
        is_apart,
        {%- for step in steps %}
        {{ smaller_of('1.0 - 1e-9', larger_of('0.0', normal_upper_tail('z_' ~ step.name))) }} as is_better_{{ step.name }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from gaps
),

chances as {{ materialized_cte() }} (
    select
        score_id,
        other_score_id,
        is_better,
        is_apart,
        {%- for step in steps %}
        ln(1.0 - is_better_{{ step.name }}) as not_better_{{ step.name }},
        is_better_{{ step.name }} / (1.0 - is_better_{{ step.name }}) as odds_{{ step.name }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from compared
),

-- of independent others nobody, one or two are better: the product of what each is not, and sums of their odds
combined as (
    select
        pairs.employer_id,
        pairs.cpt,
        pairs.zip5,
        pairs.npi,
        count(*) as other_count,
        sum(case when chances.is_better >= 0.975 then 1 else 0 end) as surely_better,
        sum(case when chances.is_better <= 0.025 then 1 else 0 end) as surely_worse,
        max(chances.is_apart) as is_apart,
        {%- for step in steps %}
        {%- set odds = 'chances.odds_' ~ step.name %}
        exp(sum(chances.not_better_{{ step.name }})) as nobody_{{ step.name }},
        sum({{ odds }}) as odds_{{ step.name }},
        sum({{ odds }} * {{ odds }}) as squared_odds_{{ step.name }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from pairs
    inner join chances on pairs.score_id = chances.score_id and pairs.other_score_id = chances.other_score_id
    group by pairs.employer_id, pairs.cpt, pairs.zip5, pairs.npi
),

integrated as (
    select
        employer_id,
        cpt,
        zip5,
        npi,
        other_count,
        surely_better,
        surely_worse,
        is_apart,
        {%- for step in steps %}
        {{ '+ ' if not loop.first }}{{ step.density / total_density }} * nobody_{{ step.name }}
        {%- endfor %} as best_probability,
        {%- for step in steps %}
        {%- set odds = 'odds_' ~ step.name %}
        {{ '+ ' if not loop.first }}{{ step.density / total_density }} * nobody_{{ step.name }}
        * (1.0 + {{ odds }} + ({{ odds }} * {{ odds }} - squared_{{ odds }}) / 2.0)
        {%- endfor %} as best_three_probability
    from combined
),

final as (
    select
        offered.employer_id,
        offered.cpt,
        cast(offered.zip5 as text) as zip5,
        offered.npi,
        cast(offered.quality as {{ float_type() }}) as quality_score,
        cast(offered.quality - {{ z_95() }} * offered.error as {{ float_type() }}) as quality_low,
        cast(offered.quality + {{ z_95() }} * offered.error as {{ float_type() }}) as quality_high,
        cast(1 + coalesce(integrated.surely_better, 0) as {{ integer_type() }}) as rank_low,
        cast(1 + coalesce(integrated.other_count - integrated.surely_worse, 0) as {{ integer_type() }}) as rank_high,
        cast(round({{ smaller_of('1.0', 'coalesce(integrated.best_probability, 1.0)') }}, 9) as {{ float_type() }}) as best_probability,
        cast(round({{ smaller_of('1.0', 'coalesce(integrated.best_three_probability, 1.0)') }}, 9) as {{ float_type() }}) as best_three_probability,
        cast(coalesce(integrated.is_apart, 0) as {{ integer_type() }}) as is_apart,
        {{ build_columns() }}
    from offered
    left join integrated
        on offered.employer_id = integrated.employer_id and offered.cpt = integrated.cpt and offered.zip5 = integrated.zip5
        and offered.npi = integrated.npi
)

select * from final
order by employer_id, cpt, npi, zip5
