{%- set entities = source_names() -%}
-- Bytes in = preamble + header + rows + rejects + blank lines: no physical line of a delivered file (no element of JSON) is
-- without a place, there are as many rows and rejected records as lines allow, and just these stand in raw, undone loads
-- included; no row in raw is of no load. A load whose reading is on record has its lines on record as well.
with

lines as (

    select
        load_id,
        sum(case when part = 'delivered' then lines else 0 end) as delivered,
        sum(case when part <> 'delivered' then lines else 0 end) as accounted,
        sum(case when part = 'rows' then lines else 0 end) as row_lines,
        sum(case when part = 'rejects' then lines else 0 end) as reject_lines
    from {{ source('control', 'ops_load_lines') }}
    group by load_id

),

readings as (

    select distinct load_id from {{ source('control', 'ops_load_readings') }}

),

raw_rows as (
    {% for entity in entities %}
    select _load_id as load_id, count(*) as row_count from {{ source('raw', 'raw_' ~ entity) }} group by _load_id
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

raw_rejects as (

    select _load_id as load_id, count(*) as row_count from {{ source('raw', 'raw_rejects') }} group by _load_id

),

loads as (

    select load_id, accepted, rejected from {{ source('control', 'ops_loads') }}
    union all
    select null as load_id, 0 as accepted, 0 as rejected from raw_rows where load_id is null

),

final as (

    select
        loads.load_id,
        loads.accepted,
        loads.rejected,
        lines.delivered,
        lines.accounted,
        coalesce(raw_rows.row_count, 0) as raw_rows,
        coalesce(raw_rejects.row_count, 0) as raw_rejects
    from loads
    left join lines on loads.load_id = lines.load_id
    left join readings on loads.load_id = readings.load_id
    left join raw_rows on coalesce(loads.load_id, '') = coalesce(raw_rows.load_id, '')
    left join raw_rejects on loads.load_id = raw_rejects.load_id
    where
        (readings.load_id is not null and lines.load_id is null)
        or lines.delivered <> lines.accounted
        or lines.row_lines < loads.accepted
        or lines.reject_lines < loads.rejected
        or coalesce(raw_rows.row_count, 0) <> coalesce(loads.accepted, 0)
        or coalesce(raw_rejects.row_count, 0) <> coalesce(loads.rejected, 0)

)

select * from final
