{# Written by `python -m docs.make` from patients.yml. #}
{{ promoted_rows('patients', columns=['patient_id', 'gender', 'birth_date']) }}
