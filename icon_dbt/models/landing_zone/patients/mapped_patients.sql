{# Written by `python -m docs.make` from patients.yml. #}
with delivered as (

    select * from {{ source('raw', 'raw_patients') }}

),

{{ mapped_rows('patients') }}
