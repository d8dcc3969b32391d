{# Written by `python -m docs.make` from providers.yml. #}
{{ checked_rows('providers', lookups=[['npi', '_status']]) }}
