{# Written by `python -m docs.make` from patients.yml. #}
{{ failures('patients', sources=['encounters', 'referrals']) }}
