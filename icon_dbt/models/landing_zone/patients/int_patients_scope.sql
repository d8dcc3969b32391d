{# Written by `python -m docs.make` from patients.yml. #}
{{ rows_in_scope('patients') }}
