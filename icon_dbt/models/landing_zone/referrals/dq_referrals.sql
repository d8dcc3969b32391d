{{ failures('referrals', sources=['patients', 'encounters', 'employer_networks']) }}
