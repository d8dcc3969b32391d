{# Written by `python -m docs.make` from providers.yml. #}
with delivered as (

    select * from {{ source('raw', 'raw_providers') }}

),

{{ staged_rows('providers', delivered='delivered') }}
