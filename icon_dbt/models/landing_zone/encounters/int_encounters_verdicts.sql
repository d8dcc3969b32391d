{# Written by `python -m docs.make` from encounters.yml. #}
{{ verdict_rows('encounters', relations=['promoted_providers', 'promoted_patients', 'cpt_code']) }}
