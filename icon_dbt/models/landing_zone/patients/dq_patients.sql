{{ failures('patients', sources=['encounters', 'referrals']) }}
