with case_mix as (
    select * from {{ ref('provider_case_mix') }}
),

amounts as (
    select npi, paid_cents from {{ ref('fct_encounter') }}
),

encounters as (
    select npi, patient_id from {{ ref('fct_encounter') }}
),

procedure_amounts as (
    select * from {{ ref('int_provider_procedure_amount') }}
),

parameter as (
    select * from {{ ref('model_parameter') }}
),

believed as (
    select * from {{ ref('int_shrunken_unit') }}
),

gamma as (
    select * from {{ ref('gamma_limit') }}
),

limits as (
    select * from {{ ref('poisson_limit') }}
),

chance as (
    select * from {{ ref('int_provider_chance') }}
),

providers as (
    select * from {{ ref('std_providers') }}
),

networks as (
    select * from {{ ref('std_employer_networks') }}
),

{{ scorecard_inputs(['npi'], 'case_mix', 'procedure_amounts', 'amounts') }},

people as (
    select npi, count(distinct patient_id) as patients
    from encounters
    group by npi
),

listings as (
    select npi, count(distinct employer_id) as employers
    from networks
    group by npi
),

final as (
    select
        totals.npi,
        {{ outcome_columns('totals', 'limits', 'believed', 'gamma', 'people.patients') }},
        {{ cost_columns('totals', 'quantiles', 'believed') }},
        cast(totals.expected_adverse_event_count / nullif(totals.mature_encounter_count, 0) / nullif(parameter.overall_rate, 0) as {{ float_type() }}) as case_mix_index,
        chance.mid_p_low,
        chance.mid_p_high,
        chance.q_value,
        {%- for name, z in [('95', z_95()), ('998', z_998())] %}
        {%- set verdict = funnel_verdict('totals.adverse_event_count', 'chance.lower_count_' ~ name, 'chance.upper_count_' ~ name, 'totals.expected_adverse_event_count') %}
        chance.lower_count_{{ name }},
        chance.upper_count_{{ name }},
        chance.flag_probability_{{ name }},
        chance.double_odds_power_{{ name }},
        cast({{ verdict }} as text) as funnel_verdict_{{ name }},
        cast({{ overdispersed_verdict(verdict, 'totals.adverse_event_count', 'totals.expected_adverse_event_count', 'parameter.overdispersion_tau2', z) }} as text) as overdispersed_verdict_{{ name }},
        {%- endfor %}
        cast(believed.shrunken_ratio * parameter.overall_rate as {{ float_type() }}) as risk_standardized_rate,
        cast({{ counted(['employer_networks'], 'listings.employers') }} as {{ integer_type() }}) as employer_network_count,
        cast(case
            when totals.npi not in (select npi from providers where npi is not null) then 'unknown_provider'
            when totals.encounter_count < {{ var('small_cell_size') }} then 'low_volume'
            when totals.mature_encounter_count < {{ var('small_cell_size') }} then 'too_recent'
            when {{ is_known(['adverse_events']) }} then 'reportable'
        end as text) as display_status,
        {{ build_columns() }}
    from totals
    inner join quantiles on totals.npi = quantiles.npi
    inner join parameter on parameter.name = 'provider'
    inner join people on totals.npi = people.npi
    left join chance on totals.npi = chance.npi
    left join limits on totals.adverse_event_count = limits.observed
    left join believed on believed.name = 'provider' and totals.npi = believed.npi
    left join gamma on {{ gamma_limit_node('believed.shrunken_ratio', 'believed.shrunken_ratio_variance') }} = gamma.node
    left join listings on totals.npi = listings.npi
)

select * from final
