{# Written by `python -m docs.make` from adverse_events.yml. #}
{{ judged_rows('adverse_events', relations=['promoted_encounters']) }}
