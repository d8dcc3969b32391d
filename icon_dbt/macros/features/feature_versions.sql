{#
  Append-only history of features: CTEs from `features` (keys and features, one row an entity) to `final`.

  A row is added only when the features of its entity changed (`row_hash`, their plain concatenation) or the entity is no
  longer there (`is_retired`, features null). Nothing is ever updated or deleted.
    event_timestamp  when the newest of `inputs` became known, lifted to the high watermark of the build: a correction
                     releases rows that were delivered earlier, and what it changes was not known before it.
    created_at       high watermark of the build that added the row.
    row_version      1, 2, 3, ... of the entity; breaks ties of the two times, neither of which ever runs backwards.
  Features are estimated from all encounters (shrinkage, case mix), so the newest input is that of the whole warehouse.
#}
{% macro feature_versions(keys, features, version, inputs) -%}
newest_input as (
    select max(loaded_at) as loaded_at
    from (
        {%- for input in inputs %}
        select max(_loaded_at) as loaded_at from {{ ref(input) }}
        {{- ' union all' if not loop.last }}
        {%- endfor %}
    ) as newest_of_each
),

build as (
    select {{ build_columns() }}
),

hashed as (
    select
        {{ (keys + features) | join(',\n        ') }},
        0 as is_retired,
        '{{ version }}'
        {%- for feature in features %} || '|' || coalesce(cast({{ feature }} as text), ''){% endfor %} as row_hash
    from features
),

{% if is_incremental() -%}
previous as (
    select *
    from (
        select
            {{ keys | join(', ') }}, row_hash, row_version, event_timestamp, created_at, is_retired,
            row_number() over (partition by {{ keys | join(', ') }} order by row_version desc) as recency
        from {{ this }}
    ) as versions
    where recency = 1
),

present as (
    select * from hashed
    union all
    select
        {% for key in keys %}previous.{{ key }}, {% endfor %}
        {%- for feature in features %}null, {% endfor %}1, 'retired'
    from previous
    left join features on {% for key in keys %}previous.{{ key }} = features.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}
    where features.{{ keys[0] }} is null and previous.is_retired = 0
),

changed as (
    select
        present.*,
        previous.row_version as previous_version,
        previous.event_timestamp as previous_event_timestamp,
        previous.created_at as previous_created_at
    from present
    left join previous
        on {% for key in keys %}present.{{ key }} = previous.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}
    where previous.row_hash is null or previous.row_hash <> present.row_hash
),
{%- else -%}
changed as (
    select *, 0 as previous_version, '' as previous_event_timestamp, '' as previous_created_at from hashed
),
{%- endif %}

final as (
    select
        {% for key in keys %}cast(changed.{{ key }} as text) as {{ key }},
        {% endfor -%}
        cast({{ larger_of(
            larger_of('coalesce(newest_input.loaded_at, build._source_high_watermark)', 'build._source_high_watermark'),
            "coalesce(changed.previous_event_timestamp, '')") }} as text) as event_timestamp,
        cast({{ larger_of('build._source_high_watermark', "coalesce(changed.previous_created_at, '')") }} as text)
            as created_at,
        cast({{ version }} as integer) as feature_version,
        cast(coalesce(changed.previous_version, 0) + 1 as integer) as row_version,
        cast(changed.is_retired as integer) as is_retired,
        cast(changed.row_hash as text) as row_hash,
        {% for feature in features %}changed.{{ feature }},
        {% endfor -%}
        build._build_id,
        build._as_of_date,
        build._source_high_watermark
    from changed
    cross join newest_input
    cross join build
)
{%- endmacro %}

{# The newest version of every entity that is still there: the online view of a feature table. #}
{% macro latest_features(keys, relation) -%}
with versions as (
    select * from {{ relation }}
),

newest as (
    select {{ keys | join(', ') }}, max(row_version) as row_version
    from versions
    group by {{ keys | join(', ') }}
),

final as (
    select versions.*
    from versions
    inner join newest
        on {% for key in keys %}versions.{{ key }} = newest.{{ key }} and {% endfor %}versions.row_version = newest.row_version
    where versions.is_retired = 0
)
{%- endmacro %}
