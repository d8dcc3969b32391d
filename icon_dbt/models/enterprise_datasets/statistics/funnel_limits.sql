with recursive limits as (
    select * from {{ ref('poisson_limit') }}
),

parameter as (
    select * from {{ ref('model_parameter') }}
),

scorecard as (
    select expected_adverse_event_count from {{ ref('provider_scorecard') }}
),

-- whole events to ten, where the exact limits of the seed hold; then steps of a twentieth
steps as (
    select 1 as step, 1.0 as expected_adverse_event_count, {{ larger_of('100.0', 'coalesce(max(expected_adverse_event_count), 0.0)') }} as farthest
    from scorecard
    union all
    select
        step + 1 as step,
        case when step < 10 then step + 1.0 else 10.0 * pow(1.05, step - 9) end as expected_adverse_event_count,
        farthest
    from steps
    where expected_adverse_event_count < farthest
),

final as (
    select
        cast(steps.step as {{ integer_type() }}) as step,
        cast(steps.expected_adverse_event_count as {{ float_type() }}) as expected_adverse_event_count,
        {%- for name, z, tail in [('95', z_95(), 0.025), ('998', z_998(), 0.001)] %}
        cast(case when exp(-1.0 * steps.expected_adverse_event_count) < {{ tail }} then
            {{ poisson_lower('steps.expected_adverse_event_count', 'limits.lower_' ~ name, z) }} / steps.expected_adverse_event_count end as {{ float_type() }}) as low_{{ name }},
        cast({{ poisson_upper('steps.expected_adverse_event_count', 'limits.upper_' ~ name, z) }} / steps.expected_adverse_event_count as {{ float_type() }}) as high_{{ name }},
        cast({{ overdispersed_limit('steps.expected_adverse_event_count', 'parameter.overdispersion_tau2', '-' ~ z) }} as {{ float_type() }}) as overdispersed_low_{{ name }},
        cast({{ overdispersed_limit('steps.expected_adverse_event_count', 'parameter.overdispersion_tau2', z) }} as {{ float_type() }}) as overdispersed_high_{{ name }},
        {%- endfor %}
        {{ build_columns() }}
    from steps
    inner join parameter on parameter.name = 'provider'
    left join limits on steps.expected_adverse_event_count = limits.observed
)

select * from final
