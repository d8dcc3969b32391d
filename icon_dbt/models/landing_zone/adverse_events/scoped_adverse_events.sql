{# Written by `python -m docs.make` from adverse_events.yml. #}
{{ scoped_rows('adverse_events', parents={'encounter_id': 'encounters'}) }}
