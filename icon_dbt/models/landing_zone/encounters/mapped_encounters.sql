with delivered as (

    select * from {{ source('raw', 'raw_encounters') }}

),

{{ mapped_rows(
    'encounters',
    delivered='delivered',
    columns={
        'encounter_id': {'from': 'encounter_id', 'clean': 'text'},
        'npi': {'from': 'npi', 'clean': 'npi'},
        'patient_id': {'from': 'patient_id', 'clean': 'identifier'},
        'cpt': {'from': 'cpt', 'clean': 'code'},
        'paid_amount_usd': {'from': 'paid_amount', 'clean': 'money'},
    },
    key=['encounter_id']
) }}
