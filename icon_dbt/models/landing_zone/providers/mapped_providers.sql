with delivered as (

    select * from {{ source('raw', 'raw_providers') }}

),

{{ mapped_rows(
    'providers',
    delivered='delivered',
    columns={
        'provider_name': {'from': 'provider_name', 'clean': 'text'},
        'npi': {'from': 'npi', 'clean': 'npi'},
        'zip': {'from': 'zip', 'clean': 'identifier'},
    },
    key=['npi'],
    derived={'zip5': zip5_of('zip'), 'zip4': zip4_of('zip')}
) }}
