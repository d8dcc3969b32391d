{# Written by `python -m docs.make` from adverse_events.yml. #}
{{ failures('adverse_events') }}
