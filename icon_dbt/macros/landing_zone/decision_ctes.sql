{# What was decided on a source, as CTEs: `decisions`, by row `corrections` and `verdicts`, for all rows `waived_rules`, and its
   `live_loads`. #}
{% macro decision_ctes(entity) -%}
{%- set filled = declared_columns(entity) | selectattr('delivered') | list -%}
decisions as (

    select * from {{ source('control', 'ops_decisions') }} where entity = '{{ entity }}'

),

latest_corrections as (

    select
        row_id,
        column_name,
        new_value,
        row_number() over (partition by row_id, column_name order by decision_id desc) as recency
    from decisions
    where kind = 'correct'

),

corrections as (

    select
        row_id
        {%- for column in filled %},
        max(case when column_name = '{{ column['name'] }}' then 1 else 0 end) as {{ column['name'] }}__is_set,
        max(case when column_name = '{{ column['name'] }}' then new_value end) as {{ column['name'] }}__value
        {%- endfor %}
    from latest_corrections
    where recency = 1
    group by row_id

),

verdicts as (

    select
        row_id,
        max(case when kind = 'reject' then 1 else 0 end) as is_rejected,
        ' ' || {{ joined("case when kind = 'waive' then coalesce(rule_id, '*') else '' end", ' ', 'decision_id') }} || ' ' as waived
    from decisions
    where kind in ('reject', 'waive') and row_id is not null
    group by row_id

),

waived_rules as (

    select coalesce(' ' || {{ joined('rule_id', ' ', 'decision_id') }} || ' ', '') as waived
    from decisions
    where kind = 'waive' and row_id is null

),

live_loads as (

    select load_id, case when gate = 'held' then 1 else 0 end as is_held
    from {{ source('control', 'ops_loads') }}
    where entity = '{{ entity }}' and status = 'loaded'

)
{%- endmacro %}
