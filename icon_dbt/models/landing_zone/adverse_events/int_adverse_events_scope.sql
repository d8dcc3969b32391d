{# Written by `python -m docs.make` from adverse_events.yml. #}
{{ rows_in_scope('adverse_events', parents={'encounter_id': 'encounters'}) }}
