{# Written by `python -m docs.make` from adverse_events.yml. #}
{{ quarantined_rows('adverse_events', columns=['encounter_id']) }}
