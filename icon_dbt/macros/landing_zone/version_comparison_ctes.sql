{# CTEs from `rows`, the rows in scope, to `compared`: which rows are copies within their file, were sent again unchanged, came back
   after another version, contradict a row of their key in the same delivery, or are missing from a later list.

   rows       the CTE that holds them; the CTE `shared_keys` tells which of their keys more than one row has
   columns    those whose disagreement within a delivery is named
   spellings  those that hold a cell as it was delivered: the same content in another spelling is a new version, no re-send #}
{% macro version_comparison_ctes(rows, columns, spellings=[]) -%}
-- only rows that share a family or a key with another row need to be compared with it
shared_families as (

    select _family from {{ rows }} group by _family having count(*) > 1

),

shared_keys as (

    select _key from {{ rows }} group by _key having count(*) > 1

),

shared as (

    select
        {{ rows }}._row_id, {{ rows }}._load_id, {{ rows }}._load_seq, {{ rows }}._source_row_number, {{ rows }}._position,
        {{ rows }}._key, {{ rows }}._family, {{ rows }}._content, {{ rows }}._current, {{ rows }}._is_rejected
        {%- for column in columns + spellings %}, {{ rows }}.{{ column }}{% endfor %}
    from {{ rows }}
    where {{ rows }}._family in (select _family from shared_families) or {{ rows }}._key in (select _key from shared_keys)

),

copies as (

    select
        *,
        row_number() over (partition by _load_id, _family, _content order by _source_row_number, _position) as copy_number,
        dense_rank() over (partition by _family order by _load_seq) as delivery_number
    from shared

),

distinct_rows as (

    select
        *,
        case when _is_rejected = 0 and min(case when _is_rejected = 0 then _current end) over load_key
            <> max(case when _is_rejected = 0 then _current end) over load_key then 1 else 0 end as is_conflicting,
        ' '
        {%- for column in columns %}
        || case when min(coalesce({{ column }}, '')) over load_key <> max(coalesce({{ column }}, '')) over load_key then '{{ column }} ' else '' end
        {%- endfor %} as conflicting_columns,
        max(delivery_number) over (partition by _family) as last_delivery
    from copies
    where copy_number = 1
    window load_key as (partition by _load_id, _key)

),

histories as (

    select
        *,
        lag(delivery_number) over content_history as earlier_delivery,
        lag(is_conflicting) over content_history as was_conflicting,
        {%- for column in spellings %}
        lag({{ column }}) over content_history as earlier_{{ column }},
        {%- endfor %}
        delivery_number - row_number() over content_history as unbroken_run
    from distinct_rows
    window content_history as (partition by _family, _content order by delivery_number)

),

compared as (

    select
        _row_id,
        0 as is_copy,
        case when earlier_delivery = delivery_number - 1 and was_conflicting = 0
            {%- for column in spellings %} and coalesce(earlier_{{ column }}, '') = coalesce({{ column }}, ''){% endfor %} then 1 else 0 end as is_resent,
        case when earlier_delivery < delivery_number - 1 then 1 else 0 end as is_returned,
        is_conflicting,
        conflicting_columns,
        case when max(delivery_number) over (partition by _family, _content, unbroken_run) < last_delivery then 1 else 0 end as is_dropped
    from histories
    union all
    select _row_id, 1, 0, 0, 0, ' ', 0 from copies where copy_number > 1

)
{%- endmacro %}
