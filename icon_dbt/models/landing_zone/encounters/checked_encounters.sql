{{ checked_rows('encounters', lookup='encounter_id') }}
