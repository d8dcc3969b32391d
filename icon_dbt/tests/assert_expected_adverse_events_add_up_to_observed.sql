-- the case-mix rates are calibrated, so over all providers as many events are expected as were observed
select sum(ae_count) as observed, sum(expected_ae) as expected
from {{ ref('provider_case_mix') }}
having abs(sum(ae_count) - sum(expected_ae)) > 0.000001 * (1 + sum(ae_count))
