-- received = promoted + quarantined + superseded + duplicates + rejected: no row is lost, none appears from nowhere; and
-- bytes in = preamble + header + rows + rejects + blank lines
select load_id, entity, received, delivered_lines
from {{ ref('ledger') }}
where
    received <> promoted + quarantined + superseded + duplicates + rejected
    or delivered_lines <> preamble_lines + header_lines + row_lines + reject_lines + blank_lines
