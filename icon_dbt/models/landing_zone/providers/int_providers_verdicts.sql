{# Written by `python -m docs.make` from providers.yml. #}
{{ verdict_rows('providers', relations=['zip_centroid'], keyless_match=['provider_name', 'zip']) }}
