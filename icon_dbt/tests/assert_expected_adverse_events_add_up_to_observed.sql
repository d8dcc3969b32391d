-- the case-mix rates are calibrated, so over all providers as many events are expected as were observed
select sum(adverse_event_count) as observed, sum(expected_adverse_event_count) as expected
from {{ ref('provider_case_mix') }}
having abs(sum(adverse_event_count) - sum(expected_adverse_event_count)) > 0.000001 * (1 + sum(adverse_event_count))
