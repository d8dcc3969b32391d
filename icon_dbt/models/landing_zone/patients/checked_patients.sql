{# Written by `python -m docs.make` from patients.yml. #}
{{ checked_rows('patients', lookups=[['patient_id', '_status'], ['birth_date', 'gender', '_status']]) }}
