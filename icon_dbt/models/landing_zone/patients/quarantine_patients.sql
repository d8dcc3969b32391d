{{ quarantined_rows('patients', ['patient_id', 'gender', 'birth_date']) }}
