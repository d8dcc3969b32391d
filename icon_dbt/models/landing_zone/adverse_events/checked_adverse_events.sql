{# Written by `python -m docs.make` from adverse_events.yml. #}
{{ checked_rows('adverse_events', lookups=[['encounter_id']]) }}
