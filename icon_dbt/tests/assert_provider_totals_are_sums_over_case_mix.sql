-- a provider's totals are the sum of his risk cells, and so are those of each of his procedures
with cells as (
    select npi, sum(encounters) as encounter_count, sum(adverse_event_count) as adverse_event_count, sum(expected_adverse_event_count) as expected_adverse_event_count
    from {{ ref('provider_case_mix') }}
    group by npi
),

procedures as (
    select npi, sum(encounter_count) as encounter_count, sum(adverse_event_count) as adverse_event_count, sum(expected_adverse_event_count) as expected_adverse_event_count
    from {{ ref('provider_procedure_scorecard') }}
    group by npi
),

totals as (
    select npi, encounter_count, adverse_event_count, expected_adverse_event_count from {{ ref('provider_scorecard') }}
)

select cells.npi, cells.encounter_count as cells_n, totals.encounter_count as provider_encounter_count, procedures.encounter_count as procedures_n
from cells
left join totals on cells.npi = totals.npi
left join procedures on cells.npi = procedures.npi
where totals.npi is null
    or procedures.npi is null
    or totals.encounter_count <> cells.encounter_count
    or procedures.encounter_count <> cells.encounter_count
    or totals.adverse_event_count <> cells.adverse_event_count
    or procedures.adverse_event_count <> cells.adverse_event_count
    or abs(totals.expected_adverse_event_count - cells.expected_adverse_event_count) > 0.000001
    or abs(procedures.expected_adverse_event_count - cells.expected_adverse_event_count) > 0.000001
