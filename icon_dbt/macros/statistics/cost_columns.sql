{# Columns on cost that both scorecards share; the relations are those of outcome_columns. #}
{% macro cost_columns(totals, quantiles, believed) -%}
    cast({{ totals }}.paid_sum_usd as {{ float_type() }}) as paid_sum_usd,
        cast({{ totals }}.paid_sum_usd / {{ totals }}.encounter_count as {{ float_type() }}) as paid_mean_usd,
        cast({{ quantiles }}.p50 / 100.0 as {{ float_type() }}) as paid_median_usd,
        cast({{ quantiles }}.p25 / 100.0 as {{ float_type() }}) as paid_p25_usd,
        cast({{ quantiles }}.p75 / 100.0 as {{ float_type() }}) as paid_p75_usd,
        cast({{ totals }}.winsorised_paid_sum_usd / {{ totals }}.expected_paid_sum_usd as {{ float_type() }}) as cost_index,
        cast(exp({{ believed }}.cost_effect) as {{ float_type() }}) as cost_index_shrunk,
        cast(exp({{ believed }}.cost_effect - {{ z_95() }} * sqrt({{ believed }}.cost_effect_variance)) as {{ float_type() }}) as cost_index_low,
        cast(exp({{ believed }}.cost_effect + {{ z_95() }} * sqrt({{ believed }}.cost_effect_variance)) as {{ float_type() }}) as cost_index_high,
        cast(sqrt({{ believed }}.cost_effect_variance) as {{ float_type() }}) as cost_standard_error,
        cast({{ believed }}.cost_reliability as {{ float_type() }}) as cost_reliability,
        cast({{ volume_band(totals ~ '.encounter_count') }} as text) as volume_band,
        cast(case when {{ counted_encounters(totals) }} < {{ var('small_cell_size') }} then 1 else 0 end as {{ integer_type() }}) as is_small_cell
{%- endmacro %}
