with delivered as (

    select * from {{ source('raw', 'raw_referrals') }}

),

{{ mapped_rows(
    'referrals',
    delivered='delivered',
    columns={
        'patient_id': {'from': 'patient_id', 'clean': 'identifier'},
        'gender': {'from': 'gender', 'clean': 'gender'},
        'birth_date': {'from': 'birth_date', 'clean': 'date'},
        'cpt': {'from': 'procedure', 'clean': 'code'},
        'zip': {'from': 'zip', 'clean': 'identifier'},
        'employer_id': {'from': 'employer_id', 'clean': 'identifier'},
    },
    key=['patient_id', 'cpt', 'employer_id'],
    derived={
        'zip5': zip5_of('zip'),
        'zip4': zip4_of('zip'),
        'referral_id': "patient_id || '|' || cpt || '|' || employer_id",
    }
) }}
