{#
  Append-only history of features: CTEs from the relation `entities` (keys and features, one row an
  entity) to `final`.

  A row is added only when a feature of its entity changed, the definition did (`version`), or the entity is no longer
  there (`is_retired`, features null). Nothing is ever updated or deleted. Features are compared one by one: nothing that
  is kept repeats a row, so `row_hash` is the number of the first version of the entity that had the same features, and tells nothing of them.
    event_timestamp  when the newest input of the build became known. Every build gets a later moment than the one before
                     it (store/warehouse/feature_clock), so what was once known at a moment stays what was known then.
    created_at       when the build ran.
    row_version      1, 2, 3, ... of the entity.
  Features are estimated from all encounters (shrinkage, case mix), so the newest input is that of the whole warehouse.
#}
{% macro feature_versions(entities, keys, features, version) -%}
{{- config(on_schema_change='append_new_columns', indexes=[{'columns': keys + ['event_timestamp', 'row_version']}, {'columns': ['event_timestamp']}]) -}}
{%- set standing = adapter.get_columns_in_relation(this) | map(attribute='name') | list if is_incremental() else [] %}
clock as (
    select known_at, built_at from {{ source('control', 'ops_feature_clock') }}
),

build as (
    select {{ build_columns() }}
),

stated as (
    select
        {{ (keys + features) | join(',\n        ') }}, 0 as is_retired
    from {{ entities }}
),

{% if is_incremental() -%}
newest as {{ materialized_cte() }} (
    select {{ keys | join(', ') }}, max(row_version) as row_version
    from {{ this }}
    group by {{ keys | join(', ') }}
),

changed as (
    select
        stated.*,
        previous.row_version as previous_version,
        (
            select min(earlier.row_version) from {{ this }} as earlier
            where {% for key in keys %}earlier.{{ key }} = stated.{{ key }} and {% endfor %}earlier.is_retired = 0
                and earlier.feature_version = {{ version }}
                {%- for feature in features %}
                and not {{ feature_differs(feature, standing, 'earlier') }}
                {%- endfor %}
        ) as first_version
    from stated
    left join newest
        on {% for key in keys %}stated.{{ key }} = newest.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}
    left join {{ this }} as previous
        on {% for key in keys %}newest.{{ key }} = previous.{{ key }} and {% endfor %}newest.row_version = previous.row_version
    where previous.row_version is null
        or previous.is_retired = 1
        or previous.feature_version <> {{ version }}
        {%- for feature in features %}
        or {{ feature_differs(feature, standing) }}
        {%- endfor %}
    union all
    select
        {% for key in keys %}previous.{{ key }}, {% endfor %}
        {%- for feature in features %}null, {% endfor %}1, previous.row_version, null
    from newest
    inner join {{ this }} as previous
        on {% for key in keys %}newest.{{ key }} = previous.{{ key }} and {% endfor %}newest.row_version = previous.row_version
    where previous.is_retired = 0
        and not exists (select 1 from {{ entities }} as present where {% for key in keys %}present.{{ key }} = newest.{{ key }}{{ ' and ' if not loop.last }}{% endfor %})
),
{%- else -%}
changed as (
    select *, 0 as previous_version, null as first_version from stated
),
{%- endif %}

final as (
    select
        {% for key in keys %}cast(changed.{{ key }} as text) as {{ key }},
        {% endfor -%}
        cast(clock.known_at as text) as event_timestamp,
        cast(clock.built_at as text) as created_at,
        cast({{ version }} as {{ integer_type() }}) as feature_version,
        cast(coalesce(changed.previous_version, 0) + 1 as {{ integer_type() }}) as row_version,
        cast(changed.is_retired as {{ integer_type() }}) as is_retired,
        cast('{{ version }}.' || coalesce(changed.first_version, changed.previous_version + 1, 1) as text) as row_hash,
        {% for feature in features %}changed.{{ feature }},
        {% endfor -%}
        build._build_id,
        build._as_of_date,
        build._source_high_watermark
    from changed
    cross join clock
    cross join build
)
{%- endmacro %}
