with recursive case_mix as (
    select * from {{ ref('provider_case_mix') }}
),

procedure_amounts as (
    select * from {{ ref('int_provider_procedure_amount') }}
),

benchmark as (
    select * from {{ ref('procedure_benchmark') }}
),

chance as (
    select * from {{ ref('int_chance_moments') }}
),

-- ln_excess: sum of ln(paid) beyond what the encounters would have at the means of their procedures
procedure_units as (
    select
        case_mix.npi,
        case_mix.cpt,
        max(procedure_amounts.encounters) as encounter_count,
        sum(case_mix.mature_encounter_count) as mature_encounter_count,
        sum(case_mix.adverse_event_count) as observed,
        {{ exact_sum('case_mix.expected_adverse_event_count', 12) }} as expected,
        max(procedure_amounts.ln_excess) as ln_excess
    from case_mix
    inner join procedure_amounts
        on case_mix.npi = procedure_amounts.npi and case_mix.cpt = procedure_amounts.cpt
    group by case_mix.npi, case_mix.cpt
),

units as (
    select
        'provider' as name,
        sum(encounter_count) as encounter_count,
        sum(mature_encounter_count) as mature_encounter_count,
        sum(observed) as observed,
        {{ exact_sum('expected', 12) }} as expected,
        {{ exact_sum('ln_excess') }} as ln_excess
    from procedure_units
    group by npi
    union all
    select 'provider_procedure' as name, encounter_count, mature_encounter_count, observed, expected, ln_excess
    from procedure_units
),

sums as (
    select
        name,
        count(*) as units,
        sum(encounter_count) as encounter_count,
        1.0 * sum(observed) / nullif(sum(mature_encounter_count), 0) as overall_rate,
        1.0 * sum(observed) / nullif({{ exact_sum('expected', 12) }}, 0) as mu,
        {{ exact_sum('expected', 12) }} as expected,
        {{ exact_sum('expected * expected', 6) }} / nullif({{ exact_sum('expected', 12) }}, 0) as expected_of_typical_unit,
        1.0 * sum(encounter_count * encounter_count) / sum(encounter_count) as n_of_typical_unit,
        {{ exact_sum('ln_excess * ln_excess / encounter_count') }} as cost_square_between
    from units
    group by name
),

{{ overdispersion('units', 'sums', 'chance') }},

{{ gamma_upper_tail('dispersion') }},

cost as (
    select {{ exact_sum('ln_paid_square_sum - ln_paid_sum * ln_paid_sum / encounter_count') }} as square_total
    from benchmark
),

variances as (
    select
        sums.*,
        dispersion.phi,
        dispersion.phi_raw,
        dispersion.overdispersion_tau2,
        dispersion.heterogeneity_chi2,
        gamma_tail.upper_tail as heterogeneity_p,
        dispersion.chi2_mean,
        dispersion.chi2_variance,
        case when sums.units > 1 then nullif(sums.expected - sums.expected_of_typical_unit, 0) end as expected_beyond_own,
        {{ larger_of('0.0', 'cost.square_total - sums.cost_square_between') }} / nullif(sums.encounter_count - sums.units, 0)
            as cost_variance_within,
        sums.cost_square_between / nullif(sums.units - 1, 0) as cost_square_mean_between,
        (sums.encounter_count - sums.n_of_typical_unit) / nullif(sums.units - 1, 0) as n_per_unit
    from sums
    -- nothing is expected where no adverse event is known
    left join dispersion on sums.name = dispersion.name
    left join gamma_tail on sums.name = gamma_tail.name
    cross join cost
),

estimated as (
    select *, (heterogeneity_chi2 - chi2_mean) / expected_beyond_own as tau2_hat
    from variances
),

-- how far the estimate may be off, if units differed as it says
uncertain as (
    select
        *,
        sqrt(
            chi2_variance + 4.0 * expected * {{ larger_of('tau2_hat', '0.0') }}
            + 2.0 * expected * expected_of_typical_unit * pow({{ larger_of('tau2_hat', '0.0') }}, 2)
        ) / expected_beyond_own as tau2_standard_error
    from estimated
),

final as (
    select
        cast(name as text) as name,
        cast(units as {{ integer_type() }}) as units,
        cast(overall_rate as {{ float_type() }}) as overall_rate,
        cast(mu as {{ float_type() }}) as mu,
        cast(tau2_hat as {{ float_type() }}) as tau2_hat,
        cast(tau2_standard_error as {{ float_type() }}) as tau2_standard_error,
        cast(cost_variance_within as {{ float_type() }}) as cost_variance_within,
        cast((cost_square_mean_between - cost_variance_within) / nullif(n_per_unit, 0) as {{ float_type() }}) as cost_variance_between,
        cast(phi as {{ float_type() }}) as phi,
        cast(phi_raw as {{ float_type() }}) as phi_raw,
        cast(overdispersion_tau2 as {{ float_type() }}) as overdispersion_tau2,
        cast(heterogeneity_chi2 as {{ float_type() }}) as heterogeneity_chi2,
        cast(heterogeneity_p as {{ float_type() }}) as heterogeneity_p,
        {{ build_columns() }}
    from uncertain
)

select * from final
