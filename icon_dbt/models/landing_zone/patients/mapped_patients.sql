with delivered as (

    select * from {{ source('raw', 'raw_patients') }}

),

{{ mapped_rows(
    'patients',
    delivered='delivered',
    columns={
        'patient_id': {'from': 'patient_id', 'clean': 'identifier'},
        'gender': {'from': 'gender', 'clean': 'gender'},
        'birth_date': {'from': 'birth_date', 'clean': 'date'},
    },
    key=['patient_id']
) }}
