{# Written by `python -m docs.make` from employer_networks.yml. #}
{{ failures('employer_networks', sources=['providers'], whole=True) }}
