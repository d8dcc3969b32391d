{# Written by `python -m docs.make` from encounters.yml. #}
with delivered as (

    select * from {{ source('raw', 'raw_encounters') }}

),

{{ staged_rows('encounters', delivered='delivered') }}
