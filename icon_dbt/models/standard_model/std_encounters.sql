{{ standard_rows('encounters', key=['encounter_id'], indexes=[['npi', 'cpt', 'paid_amount_usd'], ['patient_id']], columns={
    'encounter_id': 'cast(encounter_id as text)',
    'npi': 'cast(npi as text)',
    'patient_id': 'cast(patient_id as text)',
    'cpt': 'cast(cpt as text)',
    'paid_amount_usd': float_of_text('paid_amount_usd'),
}) }}
