-- no dollar is lost or counted twice between silver and any gold table that adds dollars up; compared in whole cents
with silver as (
    select coalesce(sum(cast(round(paid_amount_usd * 100) as {{ integer_type() }})), 0) as cents from {{ ref('std_encounters') }}
),

gold as (
    {%- for table in ['provider_case_mix', 'provider_procedure_scorecard', 'provider_scorecard', 'procedure_benchmark'] %}
    select '{{ table }}' as table_name, coalesce(sum(cast(round(paid_sum_usd * 100) as {{ integer_type() }})), 0) as cents
    from {{ ref(table) }}
    union all
    {%- endfor %}
    select 'fct_encounter' as table_name, coalesce(sum(paid_cents), 0) as cents from {{ ref('fct_encounter') }}
)

select gold.table_name, gold.cents as gold_cents, silver.cents as silver_cents
from gold
cross join silver
where gold.cents <> silver.cents
