with delivered as (

    select * from {{ source('raw', 'raw_encounters') }}

),

{{ mapped_rows('encounters') }}
