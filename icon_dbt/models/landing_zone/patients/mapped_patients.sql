with delivered as (

    select * from {{ source('raw', 'raw_patients') }}

),

{{ mapped_rows('patients') }}
