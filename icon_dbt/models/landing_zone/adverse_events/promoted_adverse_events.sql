{{ promoted_rows('adverse_events', ['encounter_id']) }}
