{# Written by `python -m docs.make` from encounters.yml. #}
with delivered as (

    select * from {{ source('raw', 'raw_encounters') }}

),

{{ mapped_rows('encounters') }}
