{# Written by `python -m docs.make` from patients.yml. #}
{{ row_verdicts('patients', lookups=[['patient_id', '_status'], ['birth_date', 'gender', '_status']]) }}
