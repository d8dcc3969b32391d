{{ config(post_hook=index_on(['employer_id', 'cpt', 'zip5', 'npi'], unique=true)) }}

-- Who of the measured candidates that are offered is better in outcome and cost, and how sure is that? Quality is the weighted sum
-- of both logarithms, lower is better; its posterior is taken for normal. Distance and volume are no quality.
with recursive offered as {{ materialized_cte() }} (
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

pairs as {{ materialized_cte() }} (
    select
        own.employer_id,
        own.cpt,
        own.zip5,
        own.npi,
        own.quality,
        own.error,
        other.npi as other_npi,
        other.quality as other_quality,
        other.error as other_error
    from offered as own
    inner join offered as other
        on own.employer_id = other.employer_id and own.cpt = other.cpt and own.zip5 = other.zip5 and own.npi <> other.npi
),

-- each pair alone: the chance that the other is better
compared as (
    select
        *,
        {{ normal_upper_tail('(other_quality - quality) / sqrt(error * error + other_error * other_error)') }} as is_better
    from pairs
),

places as (
    select
        employer_id,
        cpt,
        zip5,
        npi,
        count(*) as others,
        sum(case when is_better >= 0.975 then 1 else 0 end) as surely_better,
        sum(case when is_better <= 0.025 then 1 else 0 end) as surely_worse,
        max(case when quality - {{ z_95() }} * error > other_quality + {{ z_95() }} * other_error then 1 else 0 end) as is_apart
    from compared
    group by employer_id, cpt, zip5, npi
),

-- the posterior of each candidate at even steps; the rule of the trapezoid is exact to 1e-3 for errors within a factor of three
steps as (
    select -3.6 as z
    union all
    select z + 0.4 from steps
    where z < 3.5
),

weights as {{ materialized_cte() }} (
    select z, exp(-0.5 * z * z) / sum(exp(-0.5 * z * z)) over () as weight
    from steps
),

stepped as (
    select pairs.*, weights.z, weights.weight, (other_quality - quality - error * weights.z) / other_error as tail_z
    from pairs
    cross join weights
),

chances as (
    select
        employer_id,
        cpt,
        zip5,
        npi,
        z,
        weight,
        {{ smaller_of('1.0 - 1e-9', larger_of('0.0', normal_upper_tail('tail_z'))) }} as is_better
    from stepped
),

-- of independent others nobody, one or two are better: the product of what each is not, and sums of their odds
combined as (
    select
        employer_id,
        cpt,
        zip5,
        npi,
        max(weight) as weight,
        exp(sum(ln(1.0 - is_better))) as nobody_is_better,
        sum(is_better / (1.0 - is_better)) as odds,
        sum(pow(is_better / (1.0 - is_better), 2)) as squared_odds
    from chances
    group by employer_id, cpt, zip5, npi, z
),

integrated as (
    select
        employer_id,
        cpt,
        zip5,
        npi,
        sum(weight * nobody_is_better) as best_probability,
        sum(weight * nobody_is_better * (1.0 + odds + (odds * odds - squared_odds) / 2.0)) as best_three_probability
    from combined
    group by employer_id, cpt, zip5, npi
),

final as (
    select
        offered.employer_id,
        offered.cpt,
        offered.zip5,
        offered.npi,
        cast(offered.quality as real) as quality_score,
        cast(offered.quality - {{ z_95() }} * offered.error as real) as quality_low,
        cast(offered.quality + {{ z_95() }} * offered.error as real) as quality_high,
        cast(1 + coalesce(places.surely_better, 0) as integer) as rank_low,
        cast(1 + coalesce(places.others - places.surely_worse, 0) as integer) as rank_high,
        cast(round({{ smaller_of('1.0', 'coalesce(integrated.best_probability, 1.0)') }}, 9) as real) as best_probability,
        cast(round({{ smaller_of('1.0', 'coalesce(integrated.best_three_probability, 1.0)') }}, 9) as real) as best_three_probability,
        cast(coalesce(places.is_apart, 0) as integer) as is_apart,
        {{ build_columns() }}
    from offered
    left join places
        on offered.employer_id = places.employer_id and offered.cpt = places.cpt and offered.zip5 = places.zip5 and offered.npi = places.npi
    left join integrated
        on offered.employer_id = integrated.employer_id and offered.cpt = integrated.cpt and offered.zip5 = integrated.zip5
        and offered.npi = integrated.npi
)

select * from final
