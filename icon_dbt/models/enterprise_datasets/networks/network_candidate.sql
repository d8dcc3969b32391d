{# Rows are kept, and indexed, by provider: in the order of ranks, which are of distances, they would tell the ZIP of a patient. #}
{{ config(post_hook=[index_on(['employer_id', 'cpt', 'zip5', 'npi'], unique=true)]) }}

{%- set distance_weight = choice_weight('distance') | float %}
{%- set kept = var('candidates_kept') %}

with referrals as (
    select employer_id, cpt, coalesce(zip5, 'unknown') as zip5 from {{ ref('std_referrals') }}
),

best_options as (
    select employer_id, cpt, min(order_score) as best_score
    from {{ ref('network_option') }}
    where {{ is_known(['adverse_events']) }}
    group by employer_id, cpt
),

-- each place from which an employer's patients ask for a procedure once, however many referrals ask
asked as (
    select employer_id, cpt, zip5, count(*) as referrals
    from referrals
    group by employer_id, cpt, zip5
),

wanted as (
    select
        asked.employer_id as wanted_employer,
        asked.cpt as wanted_cpt,
        asked.zip5 as wanted_zip5,
        asked.referrals,
        best_options.best_score
    from asked
    inner join best_options on asked.employer_id = best_options.employer_id and asked.cpt = best_options.cpt
),

-- among the nearest providers the last place of the list has at most this score; null when they do not fill the list
bounded as {{ materialized_cte() }} (
    select
        *,
        (
            select total
            from (
                select order_score + {{ distance_weight }} * distance_score as total
                from {{ ref('int_zip_distance') }}
                cross join {{ ref('network_option') }}
                where from_zip5 = wanted_zip5 and employer_id = wanted_employer and cpt = wanted_cpt and zip5 = to_zip5
                order by distance_score
                limit {{ 3 * kept }}
            ) as nearest
            order by total
            limit 1 offset {{ kept - 1 }}
        ) as bound
    from wanted
),

-- nobody beyond this distance can reach the list, were he the best of the network
reach as {{ materialized_cte() }} (
    select
        *,
        coalesce(bound, 1e9) + 1e-9 as score_limit,
        {% if distance_weight > 0 -%}
        (coalesce(bound, 1e9) + 1e-9 - best_score) / {{ distance_weight }} + 1e-9
        {%- else -%}
        1e9
        {%- endif %} as distance_limit
    from bounded
),

reached as (
    select
        reach.wanted_employer,
        reach.wanted_cpt,
        reach.wanted_zip5,
        reach.referrals,
        npi,
        miles,
        distance_score,
        order_score + {{ distance_weight }} * distance_score as order_total
    from reach
    cross join {{ ref('int_zip_distance') }}
    cross join {{ ref('network_option') }}
    where from_zip5 = wanted_zip5 and distance_score <= distance_limit
        and employer_id = wanted_employer and cpt = wanted_cpt and zip5 = to_zip5
        and order_score <= score_limit - {{ distance_weight }} * distance_score
),

ranked as (
    select
        *,
        row_number() over (partition by wanted_employer, wanted_cpt, wanted_zip5 order by order_total, npi) as rank
    from reached
),

kept as (
    select * from ranked
    where rank <= {{ kept }}
),

options as (
    select * from {{ ref('network_option') }}
),

final as (
    select
        kept.wanted_employer as employer_id,
        kept.wanted_cpt as cpt,
        cast(kept.wanted_zip5 as text) as zip5,
        options.npi,
        cast(kept.rank as {{ integer_type() }}) as rank,
        cast(kept.referrals as {{ integer_type() }}) as referrals,
        options.is_measured,
        options.volume,
        options.volume_band,
        cast(options.shrunken_ratio as {{ float_type() }}) as shrunken_ratio,
        cast(options.shrunken_ratio_low as {{ float_type() }}) as shrunken_ratio_low,
        cast(options.shrunken_ratio_high as {{ float_type() }}) as shrunken_ratio_high,
        cast(options.cost_index_shrunk as {{ float_type() }}) as cost_index_shrunk,
        cast(options.cost_index_low as {{ float_type() }}) as cost_index_low,
        cast(options.cost_index_high as {{ float_type() }}) as cost_index_high,
        options.confidence,
        cast(kept.miles as {{ float_type() }}) as miles,
        options.outcome_score,
        options.outcome_standard_error,
        options.cost_score,
        options.cost_standard_error,
        cast(kept.distance_score as {{ float_type() }}) as distance_score,
        options.volume_score,
        cast(options.merit_score + {{ distance_weight }} * kept.distance_score as {{ float_type() }}) as score,
        options.score_standard_error,
        cast(options.merit_score + {{ distance_weight }} * kept.distance_score - {{ z_95() }} * options.score_standard_error as {{ float_type() }}) as score_low,
        cast(options.merit_score + {{ distance_weight }} * kept.distance_score + {{ z_95() }} * options.score_standard_error as {{ float_type() }}) as score_high,
        cast('["' || case
                when options.is_measured = 0 then 'not_measured'
                else case when options.shrunken_ratio_high < 1.0 then 'outcome_better' when options.shrunken_ratio_low > 1.0 then 'outcome_worse' else 'outcome_as_expected' end
                    || '","' || case when options.cost_index_high < 1.0 then 'cost_below' when options.cost_index_low > 1.0 then 'cost_above' else 'cost_like_peers' end
            end
            || '","' || case when kept.miles is null then 'distance_unknown' when kept.miles <= 25 then 'within_25_miles' else 'beyond_25_miles' end
            || '"]' as text) as reason_codes,
        {{ build_columns() }}
    from kept
    inner join options
        on kept.wanted_employer = options.employer_id and kept.wanted_cpt = options.cpt and kept.npi = options.npi
)

select * from final
order by employer_id, cpt, npi, zip5
