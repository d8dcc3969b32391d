{{ checked_rows('referrals') }}
