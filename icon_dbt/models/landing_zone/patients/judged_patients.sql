{# Written by `python -m docs.make` from patients.yml. #}
{{ judged_rows('patients') }}
