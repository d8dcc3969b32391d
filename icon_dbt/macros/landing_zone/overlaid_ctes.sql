{# Two CTEs, `<name>_values` and `name`: mapped rows of live loads with the latest correction of each (row, column) laid over,
   and the keys that follow from it. `condition` is SQL over mapped; the others name the CTEs of decision_ctes. #}
{% macro overlaid_ctes(entity, name, condition, corrections, verdicts, waived_rules, live_loads) -%}
{%- set columns = declared_columns(entity) -%}
{%- set filled = columns | selectattr('delivered') | list -%}
{%- set source = declared_source(entity) -%}
{%- set held_family = "case when " ~ live_loads ~ ".is_held = 1 then '#' || mapped._row_id else mapped._family end" if source.get('replaces_list_of') else 'mapped._family' -%}
{{ name }}_values as (

    select
        {%- for column in filled %}
        case when {{ corrections }}.{{ column['name'] }}__is_set = 1
            then {{ cleaned(column['cleaning'], stripped(corrections ~ '.' ~ column['name'] ~ '__value')) }}
            else mapped.{{ column['name'] }} end as {{ column['name'] }},
        {%- endfor %}
        {%- for column in columns if column['derived'] and column['derived']['kind'] == 'as_delivered' %}
        mapped.{{ column['name'] }} as {{ column['derived']['from'][0] }}__delivered,
        {%- endfor %}
        mapped._row_id,
        mapped._load_id,
        mapped._source_file,
        mapped._source_row_number,
        mapped._loaded_at,
        mapped._position,
        mapped._load_seq,
        {{ live_loads }}.is_held as _is_held,
        coalesce({{ verdicts }}.is_rejected, 0) as _is_rejected,
        coalesce({{ verdicts }}.waived, '') || {{ waived_rules }}.waived as _waived,
        mapped._fixes,
        mapped._content,
        {{ held_family }} as _family
    from {{ ref('stg_' ~ entity) }} as mapped
    inner join {{ live_loads }} on mapped._load_id = {{ live_loads }}.load_id
    cross join {{ waived_rules }}
    left join {{ corrections }} on mapped._row_id = {{ corrections }}.row_id
    left join {{ verdicts }} on mapped._row_id = {{ verdicts }}.row_id
    where {{ condition }}

),

{{ name }} as (

    select
        {%- for column in columns %}
        {% if column['derived'] %}{{ derived_value(column['derived'], 'valued') }}{% else %}valued.{{ column['name'] }}{% endif %} as {{ column['name'] }},
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
        {{ joined_key(filled | map(attribute='name') | list, default="''") }} as _current,
        coalesce({{ joined_key(source['key']) }}, '#' || _row_id) as _key,
        _family
    from {{ name }}_values as valued

)
{%- endmacro %}
