{# Written by `python -m docs.make` from adverse_events.yml. #}
{{ row_verdicts('adverse_events', lookups=[['encounter_id']]) }}
