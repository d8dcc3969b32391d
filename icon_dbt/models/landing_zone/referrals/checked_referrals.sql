{# Written by `python -m docs.make` from referrals.yml. #}
{{ checked_rows('referrals', lookups=[['patient_id'], ['birth_date', 'gender'], ['cpt']]) }}
