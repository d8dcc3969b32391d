{{ config(post_hook=[index_on(['employer_id', 'cpt', 'zip5', 'order_score', 'npi']), index_on(['employer_id', 'cpt', 'npi'], unique=true)]) }}

with networks as (
    select * from {{ ref('std_employer_networks') }}
),

providers as (
    select * from {{ ref('std_providers') }}
),

scorecard as (
    select * from {{ ref('provider_procedure_scorecard') }}
),

parameter as (
    select * from {{ ref('model_parameter') }}
),

-- what may be said of a provider; a cell that is not shown counts like a provider of whom nothing is known
measured as (
    select
        scorecard.npi,
        scorecard.cpt,
        scorecard.volume_band,
        1 - scorecard.is_suppressed as is_measured,
        case when scorecard.is_suppressed = 0 then scorecard.encounter_count end as volume,
        case when scorecard.is_suppressed = 0 then scorecard.shrunken_ratio end as shrunken_ratio,
        case when scorecard.is_suppressed = 0 then scorecard.shrunken_ratio_low end as shrunken_ratio_low,
        case when scorecard.is_suppressed = 0 then scorecard.shrunken_ratio_high end as shrunken_ratio_high,
        case when scorecard.is_suppressed = 0 then scorecard.reliability end as reliability,
        case when scorecard.is_suppressed = 0 then scorecard.cost_index_shrunk end as cost_index_shrunk,
        case when scorecard.is_suppressed = 0 then scorecard.cost_index_low end as cost_index_low,
        case when scorecard.is_suppressed = 0 then scorecard.cost_index_high end as cost_index_high,
        case when scorecard.is_suppressed = 0 then scorecard.cost_reliability end as cost_reliability,
        case when scorecard.is_suppressed = 0 then pow(scorecard.shrunken_ratio, 2) / scorecard.shrunken_ratio_variance else parameter.alpha end as shape,
        case when scorecard.is_suppressed = 0 then scorecard.cost_standard_error else sqrt(parameter.cost_tau2_used) end as cost_standard_error
    from scorecard
    inner join parameter on parameter.name = 'provider_procedure'
),

parts as (
    select
        npi,
        cpt,
        is_measured,
        volume,
        volume_band,
        shrunken_ratio,
        shrunken_ratio_low,
        shrunken_ratio_high,
        reliability,
        cost_index_shrunk,
        cost_index_low,
        cost_index_high,
        cost_reliability,
        {{ if_known(['adverse_events'], 'coalesce(ln(shrunken_ratio), 0.0)') }} as outcome_score,
        {{ if_known(['adverse_events'], 'coalesce(' ~ log_gamma_sd('shape') ~ ', 0.0)') }} as outcome_standard_error,
        coalesce(ln(cost_index_shrunk), 0.0) as cost_score,
        coalesce(cost_standard_error, 0.0) as cost_standard_error,
        -1.0 * ln(1.0 + coalesce(volume, 0)) as volume_score
    from measured
),

merits as (
    select
        *,
        {{ choice_weight('outcome') }} * outcome_score + {{ choice_weight('cost') }} * cost_score
            + {{ choice_weight('volume') }} * volume_score as merit_score,
        sqrt(pow({{ choice_weight('outcome') }} * outcome_standard_error, 2) + pow({{ choice_weight('cost') }} * cost_standard_error, 2)) as score_standard_error
    from parts
),

final as (
    select
        networks.employer_id,
        merits.cpt,
        merits.npi,
        cast(coalesce(providers.zip5, 'unknown') as text) as zip5,
        cast(merits.is_measured as {{ integer_type() }}) as is_measured,
        cast(merits.volume as {{ integer_type() }}) as volume,
        merits.volume_band,
        cast(merits.shrunken_ratio as {{ float_type() }}) as shrunken_ratio,
        cast(merits.shrunken_ratio_low as {{ float_type() }}) as shrunken_ratio_low,
        cast(merits.shrunken_ratio_high as {{ float_type() }}) as shrunken_ratio_high,
        cast(merits.reliability as {{ float_type() }}) as reliability,
        cast(merits.cost_index_shrunk as {{ float_type() }}) as cost_index_shrunk,
        cast(merits.cost_index_low as {{ float_type() }}) as cost_index_low,
        cast(merits.cost_index_high as {{ float_type() }}) as cost_index_high,
        cast(merits.cost_reliability as {{ float_type() }}) as cost_reliability,
        cast(case
            when merits.outcome_score is null then null
            when merits.is_measured = 0 then 'unknown'
            when merits.reliability >= {{ var('reliability_high') }} then 'high'
            when merits.reliability >= {{ var('reliability_moderate') }} then 'moderate'
            else 'low'
        end as text) as confidence,
        cast(merits.outcome_score as {{ float_type() }}) as outcome_score,
        cast(merits.outcome_standard_error as {{ float_type() }}) as outcome_standard_error,
        cast(merits.cost_score as {{ float_type() }}) as cost_score,
        cast(merits.cost_standard_error as {{ float_type() }}) as cost_standard_error,
        cast(merits.volume_score as {{ float_type() }}) as volume_score,
        cast(merits.merit_score as {{ float_type() }}) as merit_score,
        cast(merits.score_standard_error as {{ float_type() }}) as score_standard_error,
        cast(merits.merit_score + 1000.0 * (1 - merits.is_measured) as {{ float_type() }}) as order_score,
        {{ build_columns() }}
    from networks
    inner join providers on networks.npi = providers.npi
    inner join merits on networks.npi = merits.npi
)

select * from final
