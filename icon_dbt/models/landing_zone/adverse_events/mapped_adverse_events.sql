with delivered as (

    select * from {{ source('raw', 'raw_adverse_events') }}

),

{{ mapped_rows('adverse_events') }}
