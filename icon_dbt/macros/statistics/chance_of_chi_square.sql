{#
  Moments of T, the sum of (O - E)^2 / E over units, when the events of each risk cell fall at random on its encounters. Three CTEs,
  one row a `name`: `own` (mean, squares of variances, third moment), `crossed` (squared covariances of different units),
  `joint` (what fourth, third and second joint cumulants within cells add to the variance).

  `placed`: a row a unit and cell: name, unit, cell, n (encounters), n_2, n_3, n_4 (its falling powers), unit_share (1 / E), shift_share
  ((mean of O - E) / E), and the cell's moments m_2 ... m_1111. `units`: name, unit, expected, event_mean, event_variance,
  covariance_with_itself.

  Covariances of different units factor into sums over units: joint cumulants are polynomials in the encounters of both, so no pair
  of units is formed; what the sums say of a unit with itself is taken off and its own cumulant put in.

  The third moment takes units as independent, each with the cumulants of a binomial count of its mean and variance.
#}
{% macro chance_of_chi_square(placed, units) -%}
spreads as (
    select *, event_variance / nullif(event_mean, 0) as failure, event_variance * (1.0 - event_variance / nullif(event_mean, 0)) / nullif(event_mean, 0) as spread
    from {{ units }}
    where expected > 0
),

own as (
    select
        name,
        {{ exact_sum('(event_variance + pow(event_mean - expected, 2)) / expected') }} as chi2_mean,
        {{ exact_sum('(event_variance * event_variance - covariance_with_itself * covariance_with_itself) / expected / expected') }} as squares,
        {{ exact_sum('event_variance * (1 - 30 * spread * (1 - 4 * spread) + 12 * event_variance * (1 - 6 * spread)'
            ~ ' + 10 * event_variance * pow(2 * failure - 1, 2) + 8 * event_variance * event_variance) / pow(expected, 3)') }} as third_moment
    from spreads
    group by name
),

numbered as {{ materialized_cte() }} (
    select name, unit, dense_rank() over (order by cell) as cell_number, n, unit_share, m_11
    from {{ placed }}
),

-- what two cells share is the same either way round
shared as (
    select
        one.name,
        one.m_11 * other.m_11 as moments,
        case when one.cell_number = other.cell_number then 1.0 else 2.0 end as times,
        {{ exact_sum('one.n * other.n * one.unit_share') }} as shared
    from numbered as one
    inner join numbered as other on one.name = other.name and one.unit = other.unit and one.cell_number <= other.cell_number
    group by one.name, one.cell_number, other.cell_number, one.m_11, other.m_11
),

crossed as (
    select name, {{ exact_sum('times * moments * shared * shared') }} as squares
    from shared
    group by name
),

-- own_: what the cell adds for a unit with itself, beyond what the sums over all pairs say of it
cell_sums as (
    select
        name, m_2, m_11, m_21, m_111, m_22, m_211, m_1111,
        {{ exact_sum('unit_share * n') }} as sum_1,
        {{ exact_sum('unit_share * n * n') }} as sum_2,
        {{ exact_sum('shift_share * n') }} as sum_shift,
        {{ exact_sum('shift_share * shift_share * n') }} as own_second,
        {{ exact_sum('unit_share * shift_share * (n * m_3 + 3 * n_2 * m_21 + n_3 * m_111 - n * n * m_21 - n_2 * n * m_111)') }} as own_third,
        {{ exact_sum('unit_share * unit_share * (n * m_4 + n_2 * (4 * m_31 + 3 * m_22) + 6 * n_3 * m_211 + n_4 * m_1111'
            ~ ' - 2 * pow(n * m_2 + n_2 * m_11, 2) - n * n * m_22 - 2 * n_2 * n * m_211 - n_2 * n_2 * m_1111'
            ~ ' + 2 * pow(n * n * m_11, 2))') }} as own_fourth
    from {{ placed }}
    group by name, cell, m_2, m_11, m_21, m_111, m_22, m_211, m_1111
),

joint as (
    select
        name,
        {{ exact_sum('own_fourth + m_22 * sum_1 * sum_1 + 2 * m_211 * (sum_2 - sum_1) * sum_1 + m_1111 * pow(sum_2 - sum_1, 2)'
            ~ ' - pow(m_2 * sum_1 + m_11 * (sum_2 - sum_1), 2) - 2 * pow(m_11 * sum_2, 2)'
            ~ ' + 4 * (own_third + (m_21 * sum_1 + m_111 * (sum_2 - sum_1)) * sum_shift)'
            ~ ' + 4 * (m_11 * sum_shift * sum_shift + (m_2 - m_11) * own_second)') }} as covariances
    from cell_sums
    group by name
)
{%- endmacro %}
