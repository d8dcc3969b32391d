{# Written by `python -m docs.make` from employer_networks.yml. #}
{{ judged_rows('employer_networks', relations=['contracted_employer']) }}
