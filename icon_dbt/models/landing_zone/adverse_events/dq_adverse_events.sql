{{ failures('adverse_events') }}
