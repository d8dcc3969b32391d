{{ config(materialized='table') }}
{%- set entities = source_names() %}
-- what arrived is counted from the raw tables, what became of it from the verdicts: two independent counts that must agree
with loads as (

    select load_id, entity from {{ source('control', 'ops_loads') }} where status = 'loaded'

),

delivered as (
    {% for entity in entities %}
    select _load_id, count(*) as row_count
    from {{ ref('stg_' ~ entity) if entity in listed_source_names() else source('raw', 'raw_' ~ entity) }}
    group by _load_id
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

unreadable as (

    select _load_id, count(*) as row_count from {{ source('raw', 'raw_rejects') }} group by _load_id

),

verdicts as (
    {% for entity in entities %}
    select
        '{{ entity }}' as entity,
        _load_id,
        sum(case when _status = 'promoted' then 1 else 0 end) as promoted,
        sum(case when _status = 'quarantined' then 1 else 0 end) as quarantined,
        sum(case when _status = 'superseded' then 1 else 0 end) as superseded,
        sum(case when _status = 'duplicate' then 1 else 0 end) as duplicates,
        sum(case when _status = 'rejected' then 1 else 0 end) as rejected
    from {{ ref('row_verdicts_' ~ entity) }}
    group by _load_id
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

-- physical lines of the file (elements of JSON) by what they are
lines as (

    select
        load_id,
        sum(case when part = 'delivered' then lines else 0 end) as delivered_lines,
        sum(case when part = 'preamble' then lines else 0 end) as preamble_lines,
        sum(case when part = 'header' then lines else 0 end) as header_lines,
        sum(case when part = 'rows' then lines else 0 end) as row_lines,
        sum(case when part = 'rejects' then lines else 0 end) as reject_lines,
        sum(case when part = 'blank' then lines else 0 end) as blank_lines
    from {{ source('control', 'ops_load_lines') }}
    group by load_id

),

final as (

    select -- noqa: ST06
        loads.load_id,
        loads.entity,
        coalesce(delivered.row_count, 0) + coalesce(unreadable.row_count, 0) as received,
        coalesce(verdicts.promoted, 0) as promoted,
        coalesce(verdicts.quarantined, 0) as quarantined,
        coalesce(verdicts.superseded, 0) as superseded,
        coalesce(verdicts.duplicates, 0) as duplicates,
        coalesce(verdicts.rejected, 0) + coalesce(unreadable.row_count, 0) as rejected,
        lines.delivered_lines,
        lines.preamble_lines,
        lines.header_lines,
        lines.row_lines,
        lines.reject_lines,
        lines.blank_lines
    from loads
    left join lines on loads.load_id = lines.load_id
    left join delivered on loads.load_id = delivered._load_id
    left join unreadable on loads.load_id = unreadable._load_id
    left join verdicts on loads.load_id = verdicts._load_id and loads.entity = verdicts.entity

)

select * from final
