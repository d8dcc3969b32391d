{# Written by `python -m docs.make` from employer_networks.yml. #}
{{ verdict_rows('employer_networks', relations=['contracted_employer']) }}
