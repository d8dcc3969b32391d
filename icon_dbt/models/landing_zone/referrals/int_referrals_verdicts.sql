{# Written by `python -m docs.make` from referrals.yml. #}
{{ verdict_rows('referrals', relations=['cpt_code', 'contracted_employer']) }}
