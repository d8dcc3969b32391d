{{ quarantined_rows('encounters', ['encounter_id', 'npi', 'patient_id', 'cpt', 'paid_amount_usd']) }}
