{# The gate and the blocked rows: two views over the one table of verdicts. #}

{% macro lineage_columns() -%}
_row_id, _load_id, _source_file, _source_row_number, _loaded_at
{%- endmacro %}

{% macro promoted_rows(entity, columns) %}
with checked as (

    select * from {{ ref('checked_' ~ entity) }}

),

final as (

    select
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        {{ lineage_columns() }}
    from checked
    where _status = 'promoted'

)

select * from final
{% endmacro %}

{% macro quarantined_rows(entity, columns) %}
with checked as (

    select * from {{ ref('checked_' ~ entity) }}

),

final as (

    select
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        {{ lineage_columns() }},
        _key,
        (
            select {{ json_list_of(failed_rule_field('rule')) }}
            from {{ failed_rules_of('checked._failed') }}
            where {{ failed_rule_field('action') }} = 'quarantine'
        ) as rules,
        (
            select min({{ failed_rule_field('rule') }})
            from {{ failed_rules_of('checked._failed') }}
            where {{ failed_rule_field('action') }} = 'quarantine'
        ) as primary_rule,
        _failed as failed_rules
    from checked
    where _status = 'quarantined'

)

select * from final
{% endmacro %}

{# The table of verdicts, kept from build to build; only rows whose verdict or values changed are written. `lookups` lists the
   column combinations by which other rows look one up. The index of waiting rows leads with `_status`, or SQLite, which keeps
   no statistics here, would rather scan a wider index from end to end. #}
{% macro checked_rows(entity, lookups=[]) %}
    {%- set lookup_indexes = [] -%}
    {%- for columns in lookups -%}{%- do lookup_indexes.append({'columns': columns}) -%}{%- endfor -%}
    {{ config(
        materialized='incremental',
        unique_key='_row_id',
        on_schema_change='fail',
        pre_hook=["{{ journal_all_rows('" ~ entity ~ "') }}", "{{ journal_old_values('" ~ entity ~ "') }}"],
        post_hook=[
            "insert into ops_changed_rows select '" ~ entity ~ "', _row_id from {{ ref('judged_" ~ entity ~ "') }} where _is_changed = 1 on conflict do nothing",
            "{{ journal_new_values('" ~ entity ~ "') }}",
            "delete from {{ this }} where _status = 'withdrawn'"],
        indexes=[
            {'columns': ['_row_id'], 'unique': true},
            {'columns': ['_key']},
            {'columns': ['_family']},
            {'columns': ['_load_id', '_status']},
            {'columns': ['_status', '_row_id'], 'name': 'waiting', 'where': "_status = 'quarantined'"},
            {'columns': ['_row_id'], 'name': 'failing', 'where': "_failed <> '[]'"}] + lookup_indexes) }}
with judged as (

    select * from {{ ref('judged_' ~ entity) }}
    where _is_changed = 1

),

final as (

    select
        {%- for column in verdict_columns(entity) %}
        {{ column }},
        {%- endfor %}
        _failed,
        _status
    from judged

)

select * from final
{% endmacro %}

{# Before a full refresh forgets them: silver must look at every row that had a verdict. #}
{% macro journal_all_rows(entity) -%}
    {%- if execute and flags.FULL_REFRESH and load_relation(this) -%}
        insert into ops_changed_rows select '{{ entity }}', _row_id from {{ this }} where true on conflict do nothing
    {%- else -%}
        select 1
    {%- endif -%}
{%- endmacro %}

{# Rows of a source that stand: promoted or open. A rule that looks for a partner must not call an open one absent. #}
{% macro standing(entity) -%}{{ standing_rows(ref('checked_' ~ entity)) }}{%- endmacro %}
{% macro standing_rows(checked) -%}(select * from {{ checked }} where _status in ('promoted', 'quarantined')){%- endmacro %}

{# Every failure of a rule: those found before promotion, and those that only show once all sources have been judged.
   `sources` and `relations` name what the latter may look at. Only rows that a change concerns are reviewed, unless `whole`. #}
{% macro failures(entity, sources=[], relations=[], whole=false) %}
    {%- set named = "('" ~ entity ~ "', " ~ tojson(sources) ~ ")" -%}
    {%- if whole -%}
        {{ config(materialized='table', post_hook=["{{ index_on(['rule_name', '_row_id']) }}", "{{ index_on(['_row_id']) }}"]) }}
    {%- else -%}
        {{ config(
            materialized='incremental',
            on_schema_change='fail',
            indexes=[{'columns': ['rule_name', '_row_id']}, {'columns': ['_row_id']}],
            pre_hook=["{{ find_rows_to_review" ~ named ~ " }}", "{{ forget_reviewed_rows" ~ named ~ " }}"],
            post_hook=["{{ remember_review" ~ named ~ " }}", "delete from ops_rows_to_review where entity = '" ~ entity ~ "'"]) }}
    {%- endif -%}
    {%- set reviewed_rows = "_row_id in (select row_id from ops_rows_to_review where entity = '" ~ entity ~ "')"
        if not whole and reviews_changes_only(entity, sources) else '1 = 1' -%}
    {%- set known = {} -%}
    {%- for name in relations -%}{%- do known.update({name: ref(name)}) -%}{%- endfor -%}
    {%- for name in sources -%}{%- do known.update({name: standing(name)}) -%}{%- endfor -%}
    {%- do known.update({'own': standing(entity)}) -%}
    {%- set rules = declared_rules(entity, 'after_promotion') -%}
with checked as (

    select _row_id, _failed from {{ ref('checked_' ~ entity) }}
    where _failed <> '[]' and _status in ('promoted', 'quarantined', 'duplicate') and {{ reviewed_rows }}

),
{% if rules %}
-- a cell that already holds its row back needs no further remark
reviewed as (

    select
        m._row_id,
        {%- for rule in rules %}
        coalesce({{ passes(rule, known) }}, true)
        {%- if rule['column'] %} or {{ contains('m._failed', "'\"" ~ rule['column'] ~ "\",\"action\":\"quarantine\"'") }}{% endif %} as passes_{{ loop.index }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ standing(entity) }} as m
    where {{ reviewed_rows }}

),

suspect as (

    select * from reviewed where not ({% for rule in rules %}passes_{{ loop.index }}{{ ' and ' if not loop.last }}{% endfor %})

),
{% endif %}
final as (

    select
        checked._row_id,
        {{ failed_rule_field('rule') }} as rule_id,
        {{ failed_rule_field('name') }} as rule_name,
        {{ failed_rule_field('column') }} as column_name,
        {{ failed_rule_field('action') }} as action
    from checked
    cross join {{ failed_rules_of('checked._failed') }}
    {%- for rule in rules %}
    union all
    select
        _row_id,
        '{{ rule['rule'] }}',
        '{{ rule['name'] }}',
        {{ ("'" ~ rule['column'] ~ "'") if rule['column'] else 'null' }},
        '{{ rule['action'] }}'
    from suspect
    where not passes_{{ loop.index }}
    {%- endfor %}

)

select * from final
{% endmacro %}
