{# Written by `python -m docs.make` from patients.yml. #}
{{ rule_failures('patients', sources=['encounters', 'referrals']) }}
