{# Delivered rows under mapped names, cleaned, with the latest live correction of each (row, column) laid over.

   delivered   name of the CTE or relation with the delivered columns and the lineage
   columns     mapped name -> {'from': delivered column, 'clean': kind of cleaning}
   key         mapped columns that identify the thing; a row without a key is a group of its own
   family      SQL over `cleaned`: rows of one family replace each other from delivery to delivery (default: the key);
               rows without a family are told apart by their content
   derived     mapped name -> SQL over the mapped columns

   Beside the columns: _key and _family (groups), _content (the delivered values, to recognise a re-send), _current (the
   values in force, to recognise a conflict), _fixes, _is_rejected, _waived (rule ids), _is_held. #}
{% macro mapped_rows(entity, delivered, columns, key, family=none, derived={}) %}
    {%- set separator = ' || ' ~ unit_separator() ~ ' || ' -%}
    {%- set position = '_position' if entity == 'employer_networks' else '0' -%}

loads as (

    select load_id, load_seq, gate from {{ source('control', 'ops_loads') }} where status = 'loaded'

),

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
        {%- for name in columns %},
        max(case when column_name = '{{ name }}' then 1 else 0 end) as {{ name }}__is_set,
        max(case when column_name = '{{ name }}' then new_value end) as {{ name }}__value
        {%- endfor %}
    from latest_corrections
    where recency = 1
    group by row_id

),

verdicts as (

    select
        row_id,
        max(case when kind = 'reject' then 1 else 0 end) as is_rejected,
        ' ' || {{ joined("case when kind = 'waive' then coalesce(rule_id, '*') else '' end", ' ') }} || ' ' as waived
    from decisions
    where kind in ('reject', 'waive') and row_id is not null
    group by row_id

),

waived_rules as (

    select coalesce(' ' || {{ joined('rule_id', ' ') }} || ' ', '') as waived
    from decisions
    where kind = 'waive' and row_id is null

),

cleaned as (

    select
        delivered_rows._row_id,
        delivered_rows._load_id,
        delivered_rows._source_file,
        cast(delivered_rows._source_row_number as integer) as _source_row_number,
        delivered_rows._loaded_at,
        cast({{ position }} as integer) as _position,
        loads.load_seq as _load_seq,
        case when loads.gate = 'held' then 1 else 0 end as _is_held,
        {%- for name, column in columns.items() %}
        {{ cleaned(column['clean'], 'delivered_rows.' ~ column['from']) }} as {{ name }},
        delivered_rows.{{ column['from'] }} as {{ name }}__delivered{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ delivered }} as delivered_rows
    inner join loads on delivered_rows._load_id = loads.load_id

),

overlaid as (

    select
        cleaned._row_id,
        cleaned._load_id,
        cleaned._source_file,
        cleaned._source_row_number,
        cleaned._loaded_at,
        cleaned._position,
        cleaned._load_seq,
        cleaned._is_held,
        coalesce(verdicts.is_rejected, 0) as _is_rejected,
        coalesce(verdicts.waived, '') || waived_rules.waived as _waived,
        {%- for name, column in columns.items() %}
        case when corrections.{{ name }}__is_set = 1 then {{ cleaned(column['clean'], 'corrections.' ~ name ~ '__value') }}
            else cleaned.{{ name }} end as {{ name }},
        {%- endfor %}
        {% for name, column in columns.items() -%}
        {{ fix_of(column['clean'], 'cleaned.' ~ name ~ '__delivered', 'cleaned.' ~ name) }}{{ ' || ' if not loop.last }}
        {%- endfor %} as _fixes,
        {% for name in columns -%}
        coalesce(cleaned.{{ name }}, ''){{ separator if not loop.last }}
        {%- endfor %} as _content,
        coalesce(
            {% if family %}{{ family }}{% else %}{% for name in key %}cleaned.{{ name }}{{ separator if not loop.last }}{% endfor %}{% endif %},
            '#' {%- for name in columns %} || coalesce(cleaned.{{ name }}, '') || {{ unit_separator() }}{% endfor %}
        ) as _family
    from cleaned
    cross join waived_rules
    left join corrections on cleaned._row_id = corrections.row_id
    left join verdicts on cleaned._row_id = verdicts.row_id

),

final as (

    select
        {%- for name in columns %}
        {{ name }},
        {%- endfor %}
        {%- for name, expression in derived.items() %}
        {{ expression }} as {{ name }},
        {%- endfor %}
        _row_id,
        _load_id,
        _source_file,
        _source_row_number,
        _loaded_at,
        _position,
        _load_seq,
        _is_held,
        _is_rejected,
        _waived,
        _fixes,
        _content,
        {% for name in columns %}coalesce({{ name }}, ''){{ separator if not loop.last }}{% endfor %} as _current,
        coalesce({% for name in key %}{{ name }}{{ separator if not loop.last }}{% endfor %}, '#' || _row_id) as _key,
        _family
    from overlaid

)

select * from final
{% endmacro %}

{# First five and last four digits of a well-formed postal code; null otherwise. #}
{% macro zip5_of(text) %}case when {{ has_shape(text, 'zip') }} then substr({{ text }}, 1, 5) end{% endmacro %}
{% macro zip4_of(text) %}case when {{ has_shape(text, 'zip') }} and length({{ text }}) >= 9 then substr({{ text }}, -4) end{% endmacro %}
