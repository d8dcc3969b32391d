{# The rows whose verdict may differ from the last build's: new, corrected, waived or undone ones, every open row, children of
   parents that are no longer promoted, and whoever shares a key with one of them. Everything on a first build.

   parents         child column -> parent entity, whose key it holds
   revisit_keyless also judge rows without a key again: they are closed by a row with other columns alike #}
{% macro rows_in_scope(entity, parents={}, revisit_keyless=false) %}
    {{ config(materialized='table', post_hook=["{{ index_on(['_family']) }}", "{{ index_on(['_key']) }}"]) }}
    {%- do ref('stg_' ~ entity) -%}
    {%- for column, parent in parents.items() -%}{%- do ref('int_' ~ parent ~ '_verdicts') -%}{%- endfor -%}
    {%- set judged_loads, judged_decisions = source('control', 'ops_judged_loads'), source('control', 'ops_judged_decisions') -%}
    {%- set checked = earlier_verdicts(entity) -%}
    {%- set decided = {'corrections': 'corrections', 'verdicts': 'verdicts', 'waived_rules': 'waived_rules', 'live_loads': 'live_loads'} -%}
with recursive {{ decision_ctes(entity) }},
    {%- if not judges_changes_only(entity) %}

{{ overlaid_ctes(entity, 'overlaid', '1 = 1', **decided) }}

select {{ verdict_columns(entity) | join(', ') }}, cast(null as text) as _previous_status, cast(null as text) as _previous_key, 0 as _is_withdrawn
from overlaid
        {%- if has_earlier_verdicts(entity) %}
union all
{{ _withdrawn_rows(entity, checked) }}
        {%- endif -%}
    {%- else %}

delta_loads as (

    select loads.load_id
    from {{ source('control', 'ops_loads') }} as loads
    left join {{ judged_loads }} as judged on loads.load_id = judged.load_id
    where loads.entity = '{{ entity }}'
        and (judged.load_id is null or judged.status <> loads.status or coalesce(judged.gate, '') <> coalesce(loads.gate, '')
            or coalesce(judged.date_order, '') <> coalesce(loads.date_order, '')
            or coalesce(judged.words, '') <> coalesce(loads.words, ''))

),

delta_decisions as (

    select decisions.row_id, decisions.kind, decisions.rule_id
    from decisions
    left join {{ judged_decisions }} as judged on decisions.decision_id = judged.decision_id
    where judged.decision_id is null
    union all
    select judged.row_id, judged.kind, judged.rule_id
    from {{ judged_decisions }} as judged
    left join decisions on judged.decision_id = decisions.decision_id
    where judged.entity = '{{ entity }}' and decisions.decision_id is null

),

delta_rows as (

    select _row_id from {{ ref('stg_' ~ entity) }} where _load_id in (select load_id from delta_loads)
    union
    select _row_id from {{ checked }} where _load_id in (select load_id from delta_loads)
    union
    select row_id from delta_decisions where row_id is not null

),

{{ overlaid_ctes(entity, 'new_rows', 'mapped._row_id in (select _row_id from delta_rows)', **decided) }},

touched_rows as (

    select _row_id, _key, _family from new_rows
    union
    select _row_id, _key, _family from {{ checked }} where _status = 'quarantined'
    union
    select _row_id, _key, _family from {{ checked }} where _row_id in (select _row_id from delta_rows)
    union
    select checked._row_id, checked._key, checked._family
    from delta_decisions
    cross join {{ checked }} as checked
    where delta_decisions.row_id is null and {{ contains('checked._failed', "'\"' || delta_decisions.rule_id || '\"'") }}
    {%- if revisit_keyless %}
    union
    select _row_id, _key, _family from {{ checked }} where _key >= '#' and _key < '$'
    {%- endif %}
    {%- for column, parent in parents.items() %}
    union
    select checked._row_id, checked._key, checked._family
    from (
        select _previous_key as lost_key from {{ ref('int_' ~ parent ~ '_verdicts') }} where _previous_status = 'promoted'
        except
        select _key from {{ ref('int_' ~ parent ~ '_verdicts') }} where _status = 'promoted'
    ) as lost
    cross join {{ checked }} as checked
    where checked.{{ column }} = lost.lost_key
    {%- endfor %}

),

linked_keys as (

    select _key as linked from touched_rows
    union
    select _family from touched_rows

),

closed_keys as (

    {{ closure('closed_keys', 'select linked from linked_keys', [
        'select checked._family from closed_keys inner join ' ~ checked ~ ' as checked on checked._key = closed_keys.linked',
        'select checked._key from closed_keys inner join ' ~ checked ~ ' as checked on checked._family = closed_keys.linked']) }}

),

scope as (

    select _row_id from touched_rows
    union
    select _row_id from {{ checked }} where _key in (select linked from closed_keys)
    union
    select _row_id from {{ checked }} where _family in (select linked from closed_keys)

),

{{ overlaid_ctes(entity, 'overlaid', 'mapped._row_id in (select _row_id from scope)', **decided) }}

select
    {%- for column in verdict_columns(entity) %}
    overlaid.{{ column }},
    {%- endfor %}
    checked._status as _previous_status,
    checked._key as _previous_key,
    0 as _is_withdrawn
from overlaid
left join {{ checked }} as checked on overlaid._row_id = checked._row_id
union all
{{ _withdrawn_rows(entity, checked) }}
    {%- endif -%}
{% endmacro %}

{# Rows with a verdict whose load was undone since: judged once more, to be taken out. #}
{% macro _withdrawn_rows(entity, checked) -%}
select
    {%- for column in verdict_columns(entity) %}
    checked.{{ column }},
    {%- endfor %}
    checked._status as _previous_status,
    checked._key as _previous_key,
    1 as _is_withdrawn
from {{ checked }} as checked
where checked._load_id in (
    select load_id from {{ source('control', 'ops_loads') }} where entity = '{{ entity }}' and status <> 'loaded')
{%- endmacro %}
