{# Written by `python -m docs.make` from encounters.yml. #}
{{ scoped_rows('encounters', parents={'npi': 'providers', 'patient_id': 'patients'}) }}
