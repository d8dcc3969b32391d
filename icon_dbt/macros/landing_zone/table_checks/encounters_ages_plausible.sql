{# ENC-15 on the whole table: one implausible age is a patient, a fifth of them a wrong population or a wrong code. #}
{% macro measured__encounters__ages_plausible(threshold, ledger, failures) -%}
{%- set share = '1.0 * implausible.row_count / judged.row_count' -%}
select
    'encounters' as entity,
    {{ share }} as measured,
    case when {{ share }} > {{ threshold }} then 1 else 0 end as is_outside,
    'share of encounters whose patient is outside the plausible age of the procedure' as detail
from (select sum(promoted + quarantined) as row_count from {{ ledger }} where entity = 'encounters') as judged
cross join (
    select count(*) as row_count from {{ failures }} where rule_name = 'encounters__cpt__age_plausible'
) as implausible
where judged.row_count > 0
{%- endmacro %}
