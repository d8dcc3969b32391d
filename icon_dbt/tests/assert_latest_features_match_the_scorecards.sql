-- the online view must show what gold says now: a stale or a retired version would differ
with scorecard as (
    select npi, encounter_count, adverse_event_count, shrunken_ratio from {{ ref('provider_scorecard') }}
),

latest as (
    select npi, encounter_count_to_date, adverse_event_count_to_date, shrunken_ratio_to_date from {{ ref('feat_provider_latest') }}
)

select scorecard.npi
from scorecard
left join latest on scorecard.npi = latest.npi
where latest.npi is null
    or scorecard.encounter_count <> latest.encounter_count_to_date
    or scorecard.adverse_event_count <> latest.adverse_event_count_to_date
    or abs(scorecard.shrunken_ratio - latest.shrunken_ratio_to_date) > 0.000000001
