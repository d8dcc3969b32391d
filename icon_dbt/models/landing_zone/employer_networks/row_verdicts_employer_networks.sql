{# Written by `python -m docs.make` from employer_networks.yml. #}
{{ row_verdicts('employer_networks', lookups=[['npi']]) }}
