with scorecard as (
    select npi, cpt, n, ae_count, expected_ae from {{ ref('provider_procedure_scorecard') }}
),

amounts as (
    select npi, cpt, paid_cents from {{ ref('fct_encounter') }}
),

limits as (
    select * from {{ ref('poisson_limit') }}
),

-- equal volumes stay together
banded as (
    select
        *,
        1 + 3 * (rank() over (partition by cpt order by n) - 1) / count(*) over (partition by cpt) as tertile
    from scorecard
),

sums as (
    select
        cpt,
        tertile,
        count(*) as providers,
        sum(case when n >= {{ var('volume_minimum') }} then 1 else 0 end) as providers_at_minimum,
        min(n) as volume_from,
        max(n) as volume_to,
        sum(n) as n,
        sum(ae_count) as o,
        {{ exact_sum('expected_ae', 12) }} as e
    from banded
    group by cpt, tertile
),

numbered as (
    select
        amounts.cpt,
        banded.tertile,
        amounts.paid_cents,
        row_number() over (partition by amounts.cpt, banded.tertile order by amounts.paid_cents) - 1 as place
    from amounts
    inner join banded on amounts.npi = banded.npi and amounts.cpt = banded.cpt
),

medians as (
    select
        numbered.cpt,
        numbered.tertile,
        {{ percentile('numbered.paid_cents', 'numbered.place', 'numbered.place', 'sums.n', '0.5') }} as median_cents
    from numbered
    inner join sums on numbered.cpt = sums.cpt and numbered.tertile = sums.tertile
    group by numbered.cpt, numbered.tertile
),

final as (
    select
        sums.cpt,
        cast(sums.tertile as integer) as tertile,
        cast(sums.providers as integer) as providers,
        cast(sums.providers_at_minimum as integer) as providers_at_minimum,
        cast(sums.volume_from as integer) as volume_from,
        cast(sums.volume_to as integer) as volume_to,
        cast(sums.n as integer) as n,
        cast(sums.o as integer) as o,
        cast(sums.e as real) as e,
        cast(sums.o / nullif(sums.e, 0) as real) as oe,
        cast({{ poisson_lower('sums.o', 'limits.lower_95', z_95()) }} / nullif(sums.e, 0) as real) as oe_lo,
        cast({{ poisson_upper('sums.o', 'limits.upper_95', z_95()) }} / nullif(sums.e, 0) as real) as oe_hi,
        cast({{ wilson_lower('sums.o', 'sums.n', z_95()) }} as real) as rate_lo,
        cast({{ wilson_upper('sums.o', 'sums.n', z_95()) }} as real) as rate_hi,
        cast(medians.median_cents / 100.0 as real) as median_paid,
        cast(case when sums.n < {{ var('small_cell_size') }} then 1 else 0 end as integer) as small_cell,
        {{ build_columns() }}
    from sums
    inner join medians on sums.cpt = medians.cpt and sums.tertile = medians.tertile
    left join limits on sums.o = limits.observed
)

select * from final
