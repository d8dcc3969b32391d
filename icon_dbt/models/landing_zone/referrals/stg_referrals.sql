{# Written by `python -m docs.make` from referrals.yml. #}
with delivered as (

    select * from {{ source('raw', 'raw_referrals') }}

),

{{ staged_rows('referrals', delivered='delivered') }}
