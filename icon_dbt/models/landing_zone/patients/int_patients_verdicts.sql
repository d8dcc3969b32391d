{# Written by `python -m docs.make` from patients.yml. #}
{{ verdict_rows('patients') }}
