{# Written by `python -m docs.make` from referrals.yml. #}
{{ rule_failures('referrals', sources=['patients', 'employer_networks', 'encounters']) }}
