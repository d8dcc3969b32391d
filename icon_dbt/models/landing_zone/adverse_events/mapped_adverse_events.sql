with delivered as (

    select * from {{ source('raw', 'raw_adverse_events') }}

),

{{ mapped_rows(
    'adverse_events',
    delivered='delivered',
    columns={'encounter_id': {'from': 'encounter_id', 'clean': 'text'}},
    key=['encounter_id']
) }}
