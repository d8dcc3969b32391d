{{ standard_rows('patients', key=['patient_id'], columns={
    'patient_id': 'cast(patient_id as text)',
    'gender': 'cast(gender as text)',
    'birth_date': 'cast(birth_date as text)',
}) }}
