{# Written by `python -m docs.make` from patients.yml. #}
with delivered as (

    select * from {{ source('raw', 'raw_patients') }}

),

{{ staged_rows('patients', delivered='delivered') }}
