{# Written by `python -m docs.make` from employer_networks.yml. #}
with listed as (

    select
        *,
        {{ comma_list('in_network_npis') }} as list_text
    from {{ source('raw', 'raw_employer_networks') }}

),

-- one row per list entry; an empty list keeps one row, so that the delivered row is not lost
delivered as (

    select
        listed._row_id || '-' || (cast(element.key as {{ integer_type() }}) + 1) as _row_id,
        cast(element.key as {{ integer_type() }}) + 1 as _position,
        listed._load_id,
        listed._source_file,
        listed._source_row_number,
        listed._loaded_at,
        listed.employer_id,
        nullif({{ trimmed('element.value') }}, '') as in_network_npis
    from listed
    cross join {{ elements_of('listed.list_text') }} as element
    where {{ trimmed('element.value') }} <> '' or (element.key = 0 and {{ trimmed("replace(listed.list_text, ',', '')") }} = '')

),

{{ staged_rows('employer_networks', delivered='delivered', position='_position') }}
