{# Written by `python -m docs.make` from providers.yml. #}
{{ scoped_rows('providers', revisit_keyless=True) }}
