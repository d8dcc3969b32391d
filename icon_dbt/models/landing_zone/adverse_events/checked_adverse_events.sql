{{ checked_rows('adverse_events') }}
