{# Written by `python -m docs.make` from adverse_events.yml. #}
{{ promoted_rows('adverse_events', columns=['encounter_id']) }}
