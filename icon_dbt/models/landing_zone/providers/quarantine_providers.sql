{# Written by `python -m docs.make` from providers.yml. #}
{{ quarantined_rows('providers', columns=['provider_name', 'npi', 'zip', 'zip5', 'zip4']) }}
