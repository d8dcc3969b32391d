{# Written by `python -m docs.make` from referrals.yml. #}
{{ failures('referrals', sources=['patients', 'employer_networks', 'encounters']) }}
