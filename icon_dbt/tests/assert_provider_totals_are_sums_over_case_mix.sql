-- a provider's totals are the sum of his risk cells, and so are those of each of his procedures
with cells as (
    select npi, sum(encounters) as n, sum(ae_count) as ae_count, sum(expected_ae) as expected_ae
    from {{ ref('provider_case_mix') }}
    group by npi
),

procedures as (
    select npi, sum(n) as n, sum(ae_count) as ae_count, sum(expected_ae) as expected_ae
    from {{ ref('provider_procedure_scorecard') }}
    group by npi
),

totals as (
    select npi, n, ae_count, expected_ae from {{ ref('provider_scorecard') }}
)

select cells.npi, cells.n as cells_n, totals.n as provider_n, procedures.n as procedures_n
from cells
left join totals on cells.npi = totals.npi
left join procedures on cells.npi = procedures.npi
where totals.npi is null
    or procedures.npi is null
    or totals.n <> cells.n
    or procedures.n <> cells.n
    or totals.ae_count <> cells.ae_count
    or procedures.ae_count <> cells.ae_count
    or abs(totals.expected_ae - cells.expected_ae) > 0.000001
    or abs(procedures.expected_ae - cells.expected_ae) > 0.000001
