{# Written by `python -m docs.make` from adverse_events.yml. #}
with delivered as (

    select * from {{ source('raw', 'raw_adverse_events') }}

),

{{ staged_rows('adverse_events', delivered='delivered') }}
