{# Written by `python -m docs.make` from employer_networks.yml. #}
{{ checked_rows('employer_networks', lookups=[['npi']]) }}
