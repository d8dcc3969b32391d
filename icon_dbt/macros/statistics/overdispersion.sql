{#
  Do units differ by more than chance? CTEs ending in `dispersion`, one row a `name`.
  `units`: name, observed, expected (a row a unit); `sums`: name, units, mu, expected_of_typical_unit, expected;
  `chance`: name, chi2_mean, chi2_variance, chi2_third_moment, what chance alone gives (int_chance_moments).

  phi_raw, phi        mean square of z = 2 (sqrt O - sqrt E), plain and with z winsorised at 10 and 90 %
  overdispersion_tau2             between-unit variance on the log scale that widens the limits of a funnel plot
  heterogeneity_chi2  Pearson's sum
  shape, place        where the sum lies in the gamma distribution of scale 1 that, shifted (Pearson type III), has the mean, the
                      variance and the third moment that chance gives it; gamma_upper_tail tells how likely as much is
#}
{% macro overdispersion(units, sums, chance) -%}
scored as (
    select
        name,
        observed,
        expected,
        2.0 * (sqrt(observed) - sqrt(expected)) as z
    from {{ units }}
    where expected > 0
),

placed as (
    select
        *,
        row_number() over (partition by name order by z) - 1 as place,
        count(*) over (partition by name) as size
    from scored
),

z_limits as (
    select
        name,
        {{ percentile('z', 'place', 'place', 'size', 0.1) }} as z_low,
        {{ percentile('z', 'place', 'place', 'size', 0.9) }} as z_high
    from placed
    group by name
),

squared as (
    select
        placed.name,
        count(*) as units,
        {{ exact_sum('z * z') }} / count(*) as phi_raw,
        {{ exact_sum('case when z < z_low then z_low * z_low when z > z_high then z_high * z_high else z * z end') }} / count(*) as phi,
        {{ exact_sum('pow(placed.observed - placed.expected * mu, 2) / (placed.expected * mu)') }} as heterogeneity_chi2
    from placed
    inner join z_limits on placed.name = z_limits.name
    inner join {{ sums }} on placed.name = {{ sums }}.name
    group by placed.name
),

matched as (
    select
        squared.*,
        {{ larger_of('0.0', '(squared.units * phi - (squared.units - 1)) / nullif(expected - expected_of_typical_unit, 0)') }}
            as overdispersion_tau2,
        nullif(chi2_mean, 0) as chi2_mean,
        chi2_variance,
        -- where single units tell nothing of skewness, that of a gamma distribution
        case when chi2_third_moment > 0 then chi2_third_moment else 2.0 * chi2_variance * chi2_variance / nullif(chi2_mean, 0) end as chi2_third_moment
    from squared
    inner join {{ sums }} on squared.name = {{ sums }}.name
    left join {{ chance }} on squared.name = {{ chance }}.name
),

dispersion as (
    select
        *,
        4.0 * pow(nullif(chi2_variance, 0), 3) / nullif(pow(chi2_third_moment, 2), 0) as shape,
        (heterogeneity_chi2 - chi2_mean) * 2.0 * chi2_variance / nullif(chi2_third_moment, 0)
            + 4.0 * pow(nullif(chi2_variance, 0), 3) / nullif(pow(chi2_third_moment, 2), 0) as place
    from matched
)
{%- endmacro %}
