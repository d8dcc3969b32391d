{{ scoped_rows('referrals') }}
