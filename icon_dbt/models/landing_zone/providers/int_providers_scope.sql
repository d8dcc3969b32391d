{# Written by `python -m docs.make` from providers.yml. #}
{{ rows_in_scope('providers', revisit_keyless=True) }}
