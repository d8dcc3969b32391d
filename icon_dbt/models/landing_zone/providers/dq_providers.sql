{# Written by `python -m docs.make` from providers.yml. #}
{{ rule_failures('providers', sources=['employer_networks', 'encounters'], whole=True) }}
