{{ quarantined_rows('referrals', ['referral_id', 'patient_id', 'gender', 'birth_date', 'cpt', 'zip', 'zip5', 'zip4', 'employer_id']) }}
