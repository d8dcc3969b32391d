{# Written by `python -m docs.make` from referrals.yml. #}
{{ rows_in_scope('referrals') }}
