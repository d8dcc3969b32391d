{{ judged_rows('adverse_events', relations=['promoted_encounters']) }}
