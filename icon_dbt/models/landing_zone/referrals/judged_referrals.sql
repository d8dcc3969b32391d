{# Written by `python -m docs.make` from referrals.yml. #}
{{ judged_rows('referrals', relations=['cpt_code', 'contracted_employer']) }}
