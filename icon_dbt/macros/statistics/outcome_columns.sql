{#
  Columns that both scorecards share, inside a select over relations that the caller names: `totals` (encounter_count, mature_encounter_count, adverse_event_count,
  expected_adverse_event_count, paid_sum_usd, winsorised_paid_sum_usd, expected_paid_sum_usd, ln_excess), `limits` (the seed poisson_limit at adverse_event_count),
  `believed` (a row of int_shrunken_unit), `gamma` (the seed gamma_limit at its shape) and `quantiles` (p25, p50, p75 in cents). `patients` is the expression that
  counts distinct patients.
#}
{% macro outcome_columns(totals, limits, believed, gamma, patients) -%}
    cast({{ totals }}.encounter_count as {{ integer_type() }}) as encounter_count,
        cast({{ totals }}.mature_encounter_count as {{ integer_type() }}) as mature_encounter_count,
        cast({{ patients }} as {{ integer_type() }}) as patients,
        cast({{ totals }}.adverse_event_count as {{ integer_type() }}) as adverse_event_count,
        cast(1.0 * {{ totals }}.adverse_event_count / nullif({{ totals }}.mature_encounter_count, 0) as {{ float_type() }}) as adverse_event_rate,
        cast({{ wilson_lower(totals ~ '.adverse_event_count', 'nullif(' ~ totals ~ '.mature_encounter_count, 0)', z_95()) }} as {{ float_type() }}) as adverse_event_rate_low,
        cast({{ wilson_upper(totals ~ '.adverse_event_count', 'nullif(' ~ totals ~ '.mature_encounter_count, 0)', z_95()) }} as {{ float_type() }}) as adverse_event_rate_high,
        cast({{ totals }}.expected_adverse_event_count as {{ float_type() }}) as expected_adverse_event_count,
        cast({{ totals }}.adverse_event_count / nullif({{ totals }}.expected_adverse_event_count, 0) as {{ float_type() }}) as observed_to_expected,
        cast({{ poisson_lower(totals ~ '.adverse_event_count', limits ~ '.lower_95', z_95()) }} / nullif({{ totals }}.expected_adverse_event_count, 0) as {{ float_type() }})
            as observed_to_expected_low,
        cast({{ poisson_upper(totals ~ '.adverse_event_count', limits ~ '.upper_95', z_95()) }} / nullif({{ totals }}.expected_adverse_event_count, 0) as {{ float_type() }})
            as observed_to_expected_high,
        cast({{ believed }}.shrunken_ratio as {{ float_type() }}) as shrunken_ratio,
        cast({{ gamma_limit(believed ~ '.shrunken_ratio', believed ~ '.shrunken_ratio_variance', gamma, 'low') }} as {{ float_type() }}) as shrunken_ratio_low,
        cast({{ gamma_limit(believed ~ '.shrunken_ratio', believed ~ '.shrunken_ratio_variance', gamma, 'high') }} as {{ float_type() }}) as shrunken_ratio_high,
        cast({{ believed }}.shrunken_ratio_variance as {{ float_type() }}) as shrunken_ratio_variance,
        cast({{ believed }}.reliability as {{ float_type() }}) as reliability
{%- endmacro %}
