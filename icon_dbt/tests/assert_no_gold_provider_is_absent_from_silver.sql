-- a provider in gold must have silver encounters behind him
with scorecard as (
    select npi from {{ ref('provider_scorecard') }}
),

encounters as (
    select npi from {{ ref('std_encounters') }}
)

select scorecard.npi
from scorecard
where not exists (select 1 from encounters where encounters.npi = scorecard.npi)
