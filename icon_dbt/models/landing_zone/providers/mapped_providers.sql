with delivered as (

    select * from {{ source('raw', 'raw_providers') }}

),

{{ mapped_rows('providers') }}
