{# Written by `python -m docs.make` from referrals.yml. #}
{{ promoted_rows(
    'referrals',
    columns=['patient_id', 'gender', 'birth_date', 'cpt', 'zip', 'employer_id', 'zip5', 'zip4', 'referral_id'],
) }}
