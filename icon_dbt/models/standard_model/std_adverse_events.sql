{{ standard_rows('adverse_events', key=['encounter_id'], columns={
    'encounter_id': 'cast(encounter_id as text)',
}) }}
