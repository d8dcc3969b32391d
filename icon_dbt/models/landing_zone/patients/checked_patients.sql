{{ checked_rows('patients', lookup='patient_id') }}
