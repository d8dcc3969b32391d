with listed as (

    select
        *,
        replace(replace(replace(replace(replace(coalesce(in_network_npis, ''), '[', ''), ']', ''), '"', ''), '\', ''), ';', ',') as npi_list
    from {{ source('raw', 'raw_employer_networks') }}

),

-- one row per list entry; an empty list keeps one row, so that the delivered row is not lost
delivered as (

    select
        listed._row_id || '-' || (cast(element.key as integer) + 1) as _row_id,
        cast(element.key as integer) + 1 as _position,
        listed._load_id,
        listed._source_file,
        listed._source_row_number,
        listed._loaded_at,
        listed.employer_id,
        nullif(trim(element.value), '') as in_network_npis
    from listed
    cross join {{ elements_of('listed.npi_list') }} as element
    where trim(element.value) <> '' or (element.key = 0 and trim(replace(listed.npi_list, ',', '')) = '')

),

{{ mapped_rows('employer_networks', position='_position') }}
