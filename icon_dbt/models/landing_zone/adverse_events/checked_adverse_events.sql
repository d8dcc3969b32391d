{{ checked_rows('adverse_events', lookups=[['encounter_id']]) }}
