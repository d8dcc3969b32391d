{# Written by `python -m docs.make` from encounters.yml. #}
{{ judged_rows('encounters', relations=['promoted_providers', 'promoted_patients', 'cpt_code']) }}
