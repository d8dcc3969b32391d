{# Written by `python -m docs.make` from encounters.yml. #}
{{ quarantined_rows('encounters', columns=['encounter_id', 'npi', 'patient_id', 'cpt', 'paid_amount_usd']) }}
