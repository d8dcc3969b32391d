{# Written by `python -m docs.make` from referrals.yml. #}
{{ row_verdicts('referrals', lookups=[['patient_id'], ['birth_date', 'gender'], ['cpt']]) }}
