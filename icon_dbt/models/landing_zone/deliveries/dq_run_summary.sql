{{ config(materialized='table') }}
{%- set entities = source_names() %}
{%- set rules = all_declared_rules(entities) %}
-- depends_on: {{ ref('table_checks') }}
-- what each declared rule found in the rows in force: the counts that screens show and dbt's tests report
with declared as (

    {% for rule in rules -%}
    select '{{ rule['rule'] }}' as rule_id, '{{ rule['name'] }}' as rule_name, '{{ rule['entity'] }}' as entity,
        '{{ rule['action'] }}' as action, '{{ rule['stage'] }}' as stage,
        {{ rule['threshold'] if rule['threshold'] is not none else 'null' }} as threshold
    {{ 'union all' if not loop.last }}
    {% else -%}
    select null as rule_id, null as rule_name, null as entity, null as action, null as stage, null as threshold where false
    {%- endfor %}

),

failing as (
    {% for entity in entities %}
    select '{{ entity }}' as entity, rule_name, count(distinct _row_id) as row_count
    from {{ ref('dq_' ~ entity) }}
    group by rule_name
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

judged as (
    {% for entity in entities %}
    select '{{ entity }}' as entity, count(*) as row_count
    from {{ ref('row_verdicts_' ~ entity) }}
    where _status in ('promoted', 'quarantined')
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

loads as (

    select load_id, entity, received from {{ source('control', 'ops_loads') }} where status = 'loaded'

),

delivered as (

    select entity, sum(received) as row_count from loads group by entity

),

-- what the loader noticed about the files; what it says of cells is counted by rows above, once
noticed as (

    select findings.rule_id, loads.entity, sum(findings.count) as row_count
    from {{ source('control', 'ops_load_findings') }} as findings
    inner join loads on findings.load_id = loads.load_id
    group by findings.rule_id, loads.entity

),

checks as (

    select * from {{ ref('table_checks') }}

),

results as (

    select
        declared.*,
        coalesce(failing.row_count, 0) as failing_rows,
        judged.row_count as rows_checked,
        null as measured
    from declared
    inner join judged on declared.entity = judged.entity
    left join failing on declared.entity = failing.entity and declared.rule_name = failing.rule_name
    where declared.stage in ('before_promotion', 'after_promotion')
    union all
    select
        declared.rule_id,
        declared.rule_name,
        coalesce(noticed.entity, declared.entity) as entity,
        declared.action,
        declared.stage,
        declared.threshold,
        coalesce(noticed.row_count, 0) as failing_rows,
        coalesce(delivered.row_count, 0) as rows_checked,
        null as measured
    from declared
    left join noticed on declared.rule_id = noticed.rule_id
    left join delivered on noticed.entity = delivered.entity
    where declared.stage = 'file'
    union all
    select
        declared.rule_id,
        declared.rule_name,
        coalesce(checks.entity, declared.entity) as entity,
        declared.action,
        declared.stage,
        declared.threshold,
        case when checks.status = 'warned' then 1 else 0 end as failing_rows,
        case when checks.status is null then 0 else 1 end as rows_checked,
        checks.measured
    from declared
    left join checks on declared.rule_id = checks.rule_id and declared.entity in (checks.entity, 'any')
    where declared.stage = 'table'

),

final as (

    select
        rule_id,
        rule_name,
        entity,
        action,
        stage,
        cast(failing_rows as {{ integer_type() }}) as failing_rows,
        cast(rows_checked as {{ integer_type() }}) as rows_checked,
        cast(case when stage in ('before_promotion', 'after_promotion') then 100.0 * failing_rows / nullif(rows_checked, 0) end as {{ float_type() }}) as pct,
        cast(measured as {{ float_type() }}) as measured,
        cast(threshold as {{ float_type() }}) as threshold,
        case
            when failing_rows > 0 and action in ('quarantine', 'reject', 'block') then 'failed'
            when failing_rows > 0 then 'warned'
            when rows_checked > 0 then 'passed'
            else 'not applicable'
        end as status
    from results

)

select * from final
