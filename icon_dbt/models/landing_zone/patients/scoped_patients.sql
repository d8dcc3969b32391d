{# Written by `python -m docs.make` from patients.yml. #}
{{ scoped_rows('patients') }}
