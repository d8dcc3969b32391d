{# Written by `python -m docs.make` from employer_networks.yml. #}
{{ rule_failures('employer_networks', sources=['providers'], whole=True) }}
