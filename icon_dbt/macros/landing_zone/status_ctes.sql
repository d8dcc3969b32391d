{# CTEs from `marked`, the rows in scope with their failed rules, to `verdicts`: each row with its _status.

   marked         the CTE of these rows
   shared_keys    the CTE of keys that more than one of them has (version_comparison_ctes)
   scope          the CTE of all rows in scope, withdrawn ones included
   keyless_match  columns by which a row without a key is closed when a valid row has the same #}
{% macro status_ctes(entity, marked, shared_keys, scope, keyless_match) -%}
valid_versions as (

    select
        _row_id,
        _key,
        row_number() over (partition by _key order by _load_seq desc, _source_row_number desc, _position desc) as recency
    from {{ marked }}
    where _is_valid = 1 and _key in (select _key from {{ shared_keys }})

),

newest_valid as (

    select _row_id, _key from valid_versions where recency = 1

),

last_deliveries as (

    select _key, max(_load_seq) as _load_seq
    from {{ marked }}
    where _is_duplicate = 0 and _is_rejected = 0 and _is_dropped = 0 and _key in (select _key from {{ shared_keys }})
    group by _key

),

verdicts as (

    select
        {{ marked }}.*,
        case
            when {{ marked }}._is_rejected = 1 then 'rejected'
            when {{ marked }}._is_duplicate = 1 then 'duplicate'
            when {{ marked }}._is_dropped = 1 then 'superseded'
            when {{ marked }}._is_valid = 1 and coalesce(newest_valid._row_id, {{ marked }}._row_id) = {{ marked }}._row_id then 'promoted'
            when {{ marked }}._is_valid = 1 then 'superseded'
            when last_deliveries._load_seq > {{ marked }}._load_seq then 'superseded'
            {%- if keyless_match %}
            when {{ marked }}._key = '#' || {{ marked }}._row_id and (
                exists (
                    select 1 from {{ marked }} as valid
                    where valid._is_valid = 1 and valid._load_seq > {{ marked }}._load_seq
                        {%- for column in keyless_match %} and coalesce(valid.{{ column }}, '') = coalesce({{ marked }}.{{ column }}, ''){% endfor %})
                {%- if judges_changes_only(entity) %}
                or exists (
                    select 1 from {{ earlier_verdicts(entity) }} as known
                    where known._status = 'promoted' and known._load_seq > {{ marked }}._load_seq
                        and known._row_id not in (select _row_id from {{ scope }})
                        {%- for column in keyless_match %} and coalesce(known.{{ column }}, '') = coalesce({{ marked }}.{{ column }}, ''){% endfor %})
                {%- endif %}) then 'superseded'
            {%- endif %}
            else 'quarantined'
        end as _status
    from {{ marked }}
    left join newest_valid on {{ marked }}._key = newest_valid._key
    left join last_deliveries on {{ marked }}._key = last_deliveries._key

)
{%- endmacro %}
