-- received = promoted + quarantined + superseded + duplicates + rejected: no row is lost, none appears from nowhere; and
-- bytes in = preamble + header + rows + rejects + blank lines
select *
from {{ ref('ledger') }}
where
    received <> promoted + quarantined + superseded + duplicates + rejected
    or delivered_lines <> preamble_lines + header_lines + row_lines + reject_lines + blank_lines
