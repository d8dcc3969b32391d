{# Written by `python -m docs.make` from encounters.yml. #}
{{ rows_in_scope('encounters', parents={'npi': 'providers', 'patient_id': 'patients'}) }}
