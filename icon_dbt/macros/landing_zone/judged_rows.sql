{# The verdict on every row in scope: all its failed rules in _failed, and its _status.

   promoted     passes, and is the latest version of its key that does
   superseded   passes, but a later version of its key does too; fails, and its key was delivered again since; or a later
                list no longer holds it
   duplicate    the same content stands in the same file, or stood in the delivery before
   rejected     dismissed by a steward
   quarantined  fails a rule that holds it back
   withdrawn    its load was undone

   relations      names of the relations that rules may look at
   keyless_match  columns by which a row without a key is closed when a valid row has the same #}
{% macro judged_rows(entity, relations=[], keyless_match=[]) %}
    {{ config(materialized='table') }}
    {%- set checked = api.Relation.create(database=target.database, schema=target.schema, identifier='checked_' ~ entity) -%}
    {%- set key = declared_source(entity)['key'] -%}
    {%- set replaces_list = declared_source(entity).get('replaces_list_of') -%}
    {%- set known = {} -%}
    {%- for name in relations -%}{%- do known.update({name: ref(name)}) -%}{%- endfor -%}
    {%- set rules = declared_rules(entity, 'before_promotion') -%}
    {%- set compared = [] -%}
    {%- for rule in rules if rule['kind'] == 'consistent_in_delivery' and rule['column'] -%}{%- do compared.append(rule['column']) -%}{%- endfor -%}
with scoped as (

    select * from {{ ref('scoped_' ~ entity) }}

),

live as (

    select * from scoped where _is_withdrawn = 0

),

-- only rows that share a family or a key with another row need to be compared with it
shared_families as (

    select _family from live group by _family having count(*) > 1

),

shared_keys as (

    select _key from live group by _key having count(*) > 1

),

shared as (

    select
        live._row_id, live._load_id, live._load_seq, live._source_row_number, live._position,
        live._key, live._family, live._content, live._current, live._is_rejected
        {%- for column in compared %}, live.{{ column }}{% endfor %}
    from live
    where live._family in (select _family from shared_families) or live._key in (select _key from shared_keys)

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
        {%- for column in compared %}
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
        delivery_number - row_number() over content_history as unbroken_run
    from distinct_rows
    window content_history as (partition by _family, _content order by delivery_number)

),

compared as (

    select
        _row_id,
        0 as is_copy,
        case when earlier_delivery = delivery_number - 1 and was_conflicting = 0 then 1 else 0 end as is_resent,
        case when earlier_delivery < delivery_number - 1 then 1 else 0 end as is_returned,
        is_conflicting,
        conflicting_columns,
        case when max(delivery_number) over (partition by _family, _content, unbroken_run) < last_delivery then 1 else 0 end as is_dropped
    from histories
    union all
    select _row_id, 1, 0, 0, 0, ' ', 0 from copies where copy_number > 1

),

grouped as (

    select
        live.*,
        case when coalesce(compared.is_copy, 0) + coalesce(compared.is_resent, 0) > 0 then 1 else 0 end as _is_duplicate,
        coalesce(compared.is_copy, 0) as _is_copy,
        coalesce(compared.is_resent, 0) as _is_resent,
        coalesce(compared.is_returned, 0) as _is_returned,
        coalesce(compared.is_conflicting, 0) as _is_conflicting,
        coalesce(compared.conflicting_columns, ' ') as _conflicting_columns,
        {{ 'coalesce(compared.is_dropped, 0)' if replaces_list else '0' }} as _is_dropped
    from live
    left join compared on live._row_id = compared._row_id

),

tested as (

    select
        m.*,
        case
            when m._is_rejected = 1 then '[]'
            when m._is_duplicate = 1 then {{ failed_list(rules | selectattr('kind', 'in', duplicate_kinds()) | list, known, key) }}
            else {{ failed_list(rules | rejectattr('kind', 'in', duplicate_kinds()) | list, known, key) }}
        end as _failed
    from grouped as m

),

marked as (

    select
        *,
        case when _is_duplicate = 0 and _is_rejected = 0 and _is_dropped = 0
            and not {{ contains('_failed', "'\"quarantine\"'") }} then 1 else 0 end as _is_valid
    from tested

),

valid_versions as (

    select
        _row_id,
        _key,
        row_number() over (partition by _key order by _load_seq desc, _source_row_number desc, _position desc) as recency
    from marked
    where _is_valid = 1 and _key in (select _key from shared_keys)

),

newest_valid as (

    select _row_id, _key from valid_versions where recency = 1

),

last_deliveries as (

    select _key, max(_load_seq) as _load_seq
    from marked
    where _is_duplicate = 0 and _is_rejected = 0 and _is_dropped = 0 and _key in (select _key from shared_keys)
    group by _key

),

verdicts as (

    select
        marked.*,
        case
            when marked._is_rejected = 1 then 'rejected'
            when marked._is_duplicate = 1 then 'duplicate'
            when marked._is_dropped = 1 then 'superseded'
            when marked._is_valid = 1 and coalesce(newest_valid._row_id, marked._row_id) = marked._row_id then 'promoted'
            when marked._is_valid = 1 then 'superseded'
            when last_deliveries._load_seq > marked._load_seq then 'superseded'
            {%- if keyless_match %}
            when marked._key = '#' || marked._row_id and (
                exists (
                    select 1 from marked as valid
                    where valid._is_valid = 1 and valid._load_seq > marked._load_seq
                        {%- for column in keyless_match %} and coalesce(valid.{{ column }}, '') = coalesce(marked.{{ column }}, ''){% endfor %})
                {%- if judges_changes_only(entity) %}
                or exists (
                    select 1 from {{ checked }} as known
                    where known._status = 'promoted' and known._load_seq > marked._load_seq
                        and known._row_id not in (select _row_id from scoped)
                        {%- for column in keyless_match %} and coalesce(known.{{ column }}, '') = coalesce(marked.{{ column }}, ''){% endfor %})
                {%- endif %}) then 'superseded'
            {%- endif %}
            else 'quarantined'
        end as _status
    from marked
    left join newest_valid on marked._key = newest_valid._key
    left join last_deliveries on marked._key = last_deliveries._key

),

judged as (

    select
        {%- for column in verdict_columns(entity) %}
        {{ column }},
        {%- endfor %}
        _failed,
        _status,
        _previous_status,
        _previous_key
    from verdicts
    union all
    select
        {%- for column in verdict_columns(entity) %}
        {{ column }},
        {%- endfor %}
        '[]' as _failed,
        'withdrawn' as _status,
        _previous_status,
        _previous_key
    from scoped
    where _is_withdrawn = 1

),

final as (

    select
        judged.*,
        {%- if execute and not flags.FULL_REFRESH and load_relation(checked) %}
        case when checked._row_id is null
            {%- for column in verdict_columns(entity) + ['_failed', '_status'] if column != '_row_id' %}
            or {{ differs('judged.' ~ column, 'checked.' ~ column) }}
            {%- endfor %} then 1 else 0 end as _is_changed
    from judged
    left join {{ checked }} as checked on judged._row_id = checked._row_id
        {%- else %}
        1 as _is_changed
    from judged
        {%- endif %}

)

select * from final
{% endmacro %}

{# Kinds of rules that say why a row is a duplicate; a duplicate is told nothing else, and other rows never fail them. #}
{% macro duplicate_kinds() %}{{ return(['first_copy', 'not_resent']) }}{% endmacro %}

{# SQL for the JSON list of the rules that the row `m` fails; a waived one does not hold it back, unless the row would then break
   what silver promises: such a failure carries `"firm":true`. `key` are the columns that identify a row. #}
{% macro failed_list(rules, known, key) -%}
    '[' || substr(
        {%- for rule in rules %}
        case when coalesce({{ passes(rule, known) }}, true) then '' else
            {%- set start = ',{"rule":"' ~ rule['rule'] ~ '","name":"' ~ rule['name'] ~ '","column":' ~ (('"' ~ rule['column'] ~ '"') if rule['column'] else 'null') ~ ',"action":"' %}
            {%- set firm = breaks_silver(rule, key) if rule['action'] == 'quarantine' -%}
            {%- if firm %} '{{ start }}' || case when {{ firm }} then 'quarantine","firm":true}' when {{ contains('m._waived', "' " ~ rule['rule'] ~ " '") }} or {{ contains('m._waived', "' * '") }} then 'waived"}' else 'quarantine"}' end
            {%- elif rule['action'] == 'quarantine' and rule['rule'] != 'FIL-10' %} '{{ start }}' || case when {{ contains('m._waived', "' " ~ rule['rule'] ~ " '") }} or {{ contains('m._waived', "' * '") }} then 'waived' else 'quarantine' end || '"}'
            {%- else %} '{{ start }}{{ rule['action'] }}"}'
            {%- endif %} end ||
        {%- endfor %}
        '', 2) || ']'
{%- endmacro %}
