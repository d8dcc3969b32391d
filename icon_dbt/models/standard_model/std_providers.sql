{{ standard_rows('providers', key=['npi'], columns={
    'npi': 'cast(npi as text)',
    'provider_name': 'cast(provider_name as text)',
    'zip5': 'cast(zip5 as text)',
    'zip4': 'cast(zip4 as text)',
}) }}
