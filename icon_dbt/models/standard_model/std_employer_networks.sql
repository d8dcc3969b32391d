{{ standard_rows('employer_networks', key=['employer_id', 'npi'], indexes=[['npi']], columns={
    'employer_id': 'cast(employer_id as text)',
    'npi': 'cast(npi as text)',
}) }}
