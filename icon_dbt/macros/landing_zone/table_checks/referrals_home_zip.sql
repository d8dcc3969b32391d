{# REF-11: a referral that carries the postal code of a practice tells nothing about where the patient lives. #}
{% macro measured__referrals__home_zip(threshold, referrals, providers) -%}
{%- set share = 'avg(case when clinics.zip9 is not null then 1.0 else 0.0 end)' -%}
select
    'referrals' as entity,
    {{ share }} as measured,
    case when {{ share }} > {{ threshold }} then 1 else 0 end as is_outside,
    'share of referrals whose postal code is a provider''s: probably the practice, not the home' as detail
from {{ referrals }} as referrals
left join (select distinct zip5 || zip4 as zip9 from {{ providers }}) as clinics
    on referrals.zip5 || referrals.zip4 = clinics.zip9
having count(*) > 0
{%- endmacro %}
