{{ standard_rows('referrals', key=['referral_id'], indexes=[['employer_id', 'cpt', 'zip5']], columns={
    'referral_id': 'cast(referral_id as text)',
    'patient_id': 'cast(patient_id as text)',
    'gender': 'cast(gender as text)',
    'birth_date': 'cast(birth_date as text)',
    'cpt': 'cast(cpt as text)',
    'zip5': 'cast(zip5 as text)',
    'employer_id': 'cast(employer_id as text)',
}) }}
