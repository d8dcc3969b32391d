{# Written by `python -m docs.make` from providers.yml. #}
{{ row_verdicts('providers', lookups=[['npi', '_status']]) }}
