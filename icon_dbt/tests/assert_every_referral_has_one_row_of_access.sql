-- a referral that nobody can take is a gap, not a missing row
with referrals as (
    select referral_id from {{ ref('std_referrals') }}
),

access as (
    select referral_id from {{ ref('referral_access') }}
)

select referrals.referral_id
from referrals
where not exists (select 1 from access where access.referral_id = referrals.referral_id)
union all
select access.referral_id
from access
where not exists (select 1 from referrals where referrals.referral_id = access.referral_id)
