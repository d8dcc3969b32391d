{{ checked_rows('referrals', lookups=[['patient_id'], ['birth_date', 'gender'], ['cpt']]) }}
