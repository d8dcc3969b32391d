{# Written by `python -m docs.make` from referrals.yml. #}
{{ scoped_rows('referrals') }}
