{{ scoped_rows('encounters', parents={'npi': 'providers', 'patient_id': 'patients'}) }}
