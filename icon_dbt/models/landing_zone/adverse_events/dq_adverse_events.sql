{# Written by `python -m docs.make` from adverse_events.yml. #}
{{ rule_failures('adverse_events') }}
