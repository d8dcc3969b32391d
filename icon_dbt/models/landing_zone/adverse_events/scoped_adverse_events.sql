{{ scoped_rows('adverse_events', parents={'encounter_id': 'encounters'}) }}
