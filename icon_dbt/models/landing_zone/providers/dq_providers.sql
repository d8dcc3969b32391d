{# Written by `python -m docs.make` from providers.yml. #}
{{ failures('providers', sources=['employer_networks', 'encounters'], whole=True) }}
