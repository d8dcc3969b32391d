{{ judged_rows('referrals', relations=['cpt_code', 'contracted_employer']) }}
