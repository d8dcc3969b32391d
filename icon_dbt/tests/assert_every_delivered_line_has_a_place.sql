-- Bytes in = preamble + header + rows + rejects + blank lines: no physical line of a delivered file (no element of JSON) is
-- without a place, and there are as many rows and rejected records as lines allow.
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

loads as (

    select * from {{ source('control', 'ops_loads') }}

),

final as (

    select
        lines.*,
        loads.accepted,
        loads.rejected
    from lines
    inner join loads on lines.load_id = loads.load_id
    where
        lines.delivered <> lines.accounted
        or lines.row_lines < loads.accepted
        or lines.reject_lines < loads.rejected

)

select * from final
