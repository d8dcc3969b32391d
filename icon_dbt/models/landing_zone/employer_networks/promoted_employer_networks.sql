{# Written by `python -m docs.make` from employer_networks.yml. #}
{{ promoted_rows('employer_networks', columns=['employer_id', 'npi', 'listed_raw']) }}
