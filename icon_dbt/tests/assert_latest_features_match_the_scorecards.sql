-- the online view must show what gold says now: a stale or a retired version would differ
with scorecard as (
    select npi, n, ae_count, eb_oe from {{ ref('provider_scorecard') }}
),

latest as (
    select npi, enc_count_td, ae_count_td, eb_oe_td from {{ ref('feat_provider_latest') }}
)

select scorecard.npi
from scorecard
left join latest on scorecard.npi = latest.npi
where latest.npi is null
    or scorecard.n <> latest.enc_count_td
    or scorecard.ae_count <> latest.ae_count_td
    or abs(scorecard.eb_oe - latest.eb_oe_td) > 0.000000001
