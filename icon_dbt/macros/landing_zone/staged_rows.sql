{# Delivered rows under mapped names and cleaned, as the YAML of the source declares. Comes after a CTE `delivered` with the
   delivered columns and the lineage. A raw row never changes, so each is mapped once: only new loads are read. An undone
   load is never read, and its mapped rows go: nothing that stood in it can reach a later build.

   Beside the columns: _content (the delivered values, to recognise a re-send), _family (rows that replace each other from
   delivery to delivery; without one, rows are told apart by their content) and _fixes (what cleaning changed, by rule). #}
{% macro staged_rows(entity, position='0') %}
    {{ config(
        materialized='incremental',
        on_schema_change='fail',
        pre_hook="{{ forget_undone_loads('" ~ entity ~ "') }}",
        indexes=[{'columns': ['_row_id'], 'unique': true}, {'columns': ['_load_seq']}, {'columns': ['_load_id']}]) }}
    {%- set columns = declared_columns(entity) -%}
    {%- set filled = columns | selectattr('delivered') | list -%}
    {%- set source = declared_source(entity) -%}
    {%- set names = [] -%}
    {%- for column in filled -%}{%- do names.append('cleaned.' ~ column['name']) -%}{%- endfor -%}
    {%- set key = [] -%}
    {%- for name in source['key'] -%}{%- do key.append('cleaned.' ~ name) -%}{%- endfor %}

new_loads as (

    select load_id, load_seq from {{ source_loads() }}
    where status = 'loaded'
    {%- if is_incremental() %}
        and load_seq > (select coalesce(max(_load_seq), 0) from {{ this }})
    {%- endif %}

),

stripped as {{ materialized_cte() }} (

    select
        delivered._row_id,
        delivered._load_id,
        delivered._source_file,
        cast(delivered._source_row_number as integer) as _source_row_number,
        delivered._loaded_at,
        cast({{ position }} as integer) as _position,
        new_loads.load_seq as _load_seq
        {%- for column in filled %},
        delivered.{{ column['delivered'] }} as {{ column['name'] }}__delivered,
        {{ stripped('delivered.' ~ column['delivered']) }} as {{ column['name'] }}
        {%- endfor %}
    from new_loads
    cross join delivered
    where delivered._load_id = new_loads.load_id

),

cleaned as {{ materialized_cte() }} (

    select
        _row_id, _load_id, _source_file, _source_row_number, _loaded_at, _position, _load_seq
        {%- for column in filled %},
        {{ column['name'] }}__delivered,
        cast({{ cleaned(column['cleaning'], column['name']) }} as text) as {{ column['name'] }}
        {%- endfor %}
    from stripped

),

final as (

    select
        {%- for column in columns %}
        {% if column['derived'] %}{{ derived_value(column['derived'], 'cleaned') }}{% else %}cleaned.{{ column['name'] }}{% endif %} as {{ column['name'] }},
        {%- endfor %}
        cleaned._row_id,
        cleaned._load_id,
        cleaned._source_file,
        cleaned._source_row_number,
        cleaned._loaded_at,
        cleaned._position,
        cleaned._load_seq,
        {% for column in filled -%}
        {{ fix_of(column['cleaning'], 'cleaned.' ~ column['name'] ~ '__delivered', 'cleaned.' ~ column['name']) }}{{ ' || ' if not loop.last }}
        {%- endfor %} as _fixes,
        {{ joined_key(names, default="''") }} as _content,
        coalesce(
            {% if source.get('replaces_list_of') -%}
            case when {{ joined_key(key) }} is not null then cleaned.{{ source['replaces_list_of'] }} end,
            {%- else -%}
            {{ joined_key(key) }},
            {%- endif %}
            '#' || {{ joined_key(names, default="''") }}
        ) as _family
    from cleaned

)

select * from final
{% endmacro %}

{% macro source_loads() %}{{ source('control', 'ops_loads') }}{% endmacro %}

{# Take the rows of undone loads out of the incremental table. #}
{% macro forget_undone_loads(entity) -%}
    {%- if execute and not flags.FULL_REFRESH and load_relation(this) -%}
        delete from {{ this }} where _load_id in (select load_id from {{ source_loads() }} where entity = '{{ entity }}' and status <> 'loaded')
    {%- else -%}
        select 1
    {%- endif -%}
{%- endmacro %}
