{#
  Columns that both scorecards share, inside a select over relations that the caller names: `totals` (n, ae_count,
  expected_ae, paid_sum, paid_winsor_sum, expected_paid_sum, ln_excess), `limits` (the seed poisson_limit at ae_count),
  `parameter` (a row of model_parameter) and `quantiles` (p25, p50, p75 in cents). `patients` is the expression that
  counts distinct patients.
#}
{% macro outcome_columns(totals, limits, parameter, patients) -%}
    cast({{ totals }}.n as integer) as n,
        cast({{ patients }} as integer) as patients,
        cast({{ totals }}.ae_count as integer) as ae_count,
        cast(1.0 * {{ totals }}.ae_count / {{ totals }}.n as real) as ae_rate,
        cast({{ wilson_lower(totals ~ '.ae_count', totals ~ '.n', z_95()) }} as real) as wilson_lo,
        cast({{ wilson_upper(totals ~ '.ae_count', totals ~ '.n', z_95()) }} as real) as wilson_hi,
        cast({{ totals }}.expected_ae as real) as expected_ae,
        cast({{ totals }}.ae_count / nullif({{ totals }}.expected_ae, 0) as real) as oe,
        cast({{ poisson_lower(totals ~ '.ae_count', limits ~ '.lower_95', z_95()) }} / nullif({{ totals }}.expected_ae, 0) as real)
            as oe_lo,
        cast({{ poisson_upper(totals ~ '.ae_count', limits ~ '.upper_95', z_95()) }} / nullif({{ totals }}.expected_ae, 0) as real)
            as oe_hi,
        cast({{ shrunk_ratio(totals ~ '.ae_count', totals ~ '.expected_ae', parameter ~ '.alpha', parameter ~ '.beta') }} as real)
            as eb_oe,
        cast({{ shrunk_ratio_limit(totals ~ '.ae_count', totals ~ '.expected_ae', parameter ~ '.alpha', parameter ~ '.beta', '-' ~ z_95()) }} as real)
            as eb_lo,
        cast({{ shrunk_ratio_limit(totals ~ '.ae_count', totals ~ '.expected_ae', parameter ~ '.alpha', parameter ~ '.beta', z_95()) }} as real)
            as eb_hi,
        cast({{ reliability(totals ~ '.expected_ae', parameter ~ '.beta') }} as real) as reliability
{%- endmacro %}

{% macro cost_columns(totals, quantiles, parameter) -%}
    cast({{ totals }}.paid_sum as real) as paid_sum,
        cast({{ totals }}.paid_sum / {{ totals }}.n as real) as paid_mean,
        cast({{ quantiles }}.p50 / 100.0 as real) as paid_median,
        cast({{ quantiles }}.p25 / 100.0 as real) as p25,
        cast({{ quantiles }}.p75 / 100.0 as real) as p75,
        cast({{ totals }}.paid_winsor_sum / {{ totals }}.expected_paid_sum as real) as cost_index,
        cast(exp({{ totals }}.ln_excess / {{ totals }}.n * coalesce({{ totals }}.n / ({{ totals }}.n + {{ parameter }}.k), 0.0)) as real)
            as cost_index_shrunk,
        {%- for name, sign in [('cost_lo', '-'), ('cost_hi', '+')] %}
        cast(exp(
            {{ totals }}.ln_excess / {{ totals }}.n * coalesce({{ totals }}.n / ({{ totals }}.n + {{ parameter }}.k), 0.0)
            {{ sign }} {{ z_95() }} * sqrt({{ parameter }}.cost_sigma2_w / ({{ totals }}.n + {{ parameter }}.k))
        ) as real) as {{ name }},
        {%- endfor %}
        cast(coalesce({{ totals }}.n / ({{ totals }}.n + {{ parameter }}.k), 0.0) as real) as cost_reliability,
        cast({{ volume_band(totals ~ '.n') }} as text) as volume_band,
        cast(case when {{ totals }}.n < {{ var('small_cell_size') }} then 1 else 0 end as integer) as small_cell
{%- endmacro %}

{# Label of a count's band, from the lower bounds in the variable volume_bands: '1-10', '11-24', ..., '50+'. #}
{% macro volume_band(count) -%}
    {%- set bounds = [1] + var('volume_bands') -%}
    case
        {%- for lower in bounds | reverse %}
        when {{ count }} >= {{ lower }} then '{{ lower }}{{ '+' if loop.first else '-' ~ (bounds[bounds | length - loop.index0] - 1) }}'
        {%- endfor %}
    end
{%- endmacro %}
