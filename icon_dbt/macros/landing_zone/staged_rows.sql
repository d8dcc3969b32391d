{# Delivered rows under mapped names and cleaned, as the YAML of the source declares. `delivered` is the
   CTE with the delivered columns and the lineage. A raw row never changes, so each is mapped once: only loads without mapped rows are read.
   An undone load is never read, and its mapped rows go: nothing that stood in it can reach a later build. So do those of a load
   for which another order of day and month (_date_order) or other meanings of its words (_words) were stated since; it is read
   again.

   Beside the columns: _content (the delivered values, to recognise a re-send), _family (rows that replace each other from
   delivery to delivery; without one, rows are told apart by their content) and _fixes (what cleaning changed, by rule). #}
{% macro staged_rows(entity, delivered, position='0') %}
    {{ config(
        materialized='incremental',
        on_schema_change='fail',
        pre_hook="{{ _forget_stale_loads('" ~ entity ~ "') }}",
        indexes=[{'columns': ['_row_id'], 'unique': true}, {'columns': ['_load_seq']}, {'columns': ['_load_id']}]) }}
    {%- set columns = declared_columns(entity) -%}
    {%- set filled = columns | selectattr('delivered') | list -%}
    {%- set source = declared_source(entity) -%}
    {%- set dated = has_dates(entity) -%}
    {#- named for every source: while dbt parses nobody knows yet which has a list of allowed values -#}
    {%- do source_words() -%}
    {%- set domains = value_domains(entity) -%}
    {%- set names = [] -%}
    {%- for column in filled -%}{%- do names.append('cleaned.' ~ column['name']) -%}{%- endfor -%}
    {%- set key = [] -%}
    {%- for name in source['key'] -%}{%- do key.append('cleaned.' ~ name) -%}{%- endfor %}

new_loads as (

    select loads.load_id, loads.load_seq{{ ', loads.date_order' if dated }}{{ ', loads.words' if domains }}
    from {{ _source_loads() }} as loads
    where loads.status = 'loaded'
    {%- if is_incremental() %}
        and not exists (select 1 from {{ this }} as known where known._load_id = loads.load_id)
    {%- endif %}

),

stripped as {{ materialized_cte() }} (

    select
        {{ delivered }}._row_id,
        {{ delivered }}._load_id,
        {{ delivered }}._source_file,
        cast({{ delivered }}._source_row_number as {{ integer_type() }}) as _source_row_number,
        {{ delivered }}._loaded_at,
        cast({{ position }} as {{ integer_type() }}) as _position,
        new_loads.load_seq as _load_seq
        {%- if dated %},
        new_loads.date_order as _date_order
        {%- endif %}
        {%- if domains %},
        new_loads.words as _words
        {%- endif %}
        {%- for column in filled %},
        {{ delivered }}.{{ column['delivered'] }} as {{ column['name'] }}__delivered,
        {{ stripped(delivered ~ '.' ~ column['delivered']) }} as {{ column['name'] }}
        {%- endfor %}
    from new_loads
    cross join {{ delivered }}
    where {{ delivered }}._load_id = new_loads.load_id

),

cleaned as {{ materialized_cte() }} (

    select
        _row_id, _load_id, _source_file, _source_row_number, _loaded_at, _position, _load_seq{{ ', _date_order' if dated }}{{ ', _words' if domains }}
        {%- for column in filled %},
        {{ column['name'] }}__delivered,
        {%- set value = cleaned(column['cleaning'], column['name'], '_date_order') %}
        cast({{ meant(column['name'], value, domains[column['name']]) if column['name'] in domains else value }} as text) as {{ column['name'] }}
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
        {%- if dated %}
        cleaned._date_order,
        {%- endif %}
        {%- if domains %}
        cleaned._words,
        {%- endif %}
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

{% macro _source_loads() %}{{ source('control', 'ops_loads') }}{% endmacro %}

{# Take out of the incremental table the rows of loads that were undone, or mapped in another order of day and month or with
   other words. #}
{% macro _forget_stale_loads(entity) -%}
    {%- if execute and not flags.FULL_REFRESH and load_relation(this) -%}
        delete from {{ this }} where _load_id in (
            select loads.load_id from {{ _source_loads() }} as loads
            where loads.entity = '{{ entity }}' and (loads.status <> 'loaded'
                {%- if has_dates(entity) %}
                or coalesce(loads.date_order, '') <> coalesce((select _date_order from {{ this }} as known where known._load_id = loads.load_id limit 1), '')
                {%- endif %}
                {%- if value_domains(entity) %}
                or coalesce(loads.words, '') <> coalesce((select _words from {{ this }} as known where known._load_id = loads.load_id limit 1), '')
                {%- endif %}))
    {%- else -%}
        select 1
    {%- endif -%}
{%- endmacro %}
