-- received = promoted + quarantined + superseded + duplicates + rejected: no row is lost, none appears from nowhere
select *
from {{ ref('ledger') }}
where received <> promoted + quarantined + superseded + duplicates + rejected
