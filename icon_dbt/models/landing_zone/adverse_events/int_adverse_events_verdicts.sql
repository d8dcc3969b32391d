{# Written by `python -m docs.make` from adverse_events.yml. #}
{{ verdict_rows('adverse_events', relations=['promoted_encounters']) }}
