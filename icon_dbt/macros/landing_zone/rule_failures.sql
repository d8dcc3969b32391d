{# Every failure of a rule: those found before promotion, and those that only show once all sources have been judged.
   `sources` and `relations` name what the latter may look at. Only rows that a change concerns are reviewed, unless `whole`. #}
{% macro rule_failures(entity, sources=[], relations=[], whole=false) %}
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
    {%- set rows_to_review = source('control', 'ops_rows_to_review') -%}
    {%- set reviewed_rows = "_row_id in (select row_id from " ~ rows_to_review ~ " where entity = '" ~ entity ~ "')"
        if not whole and reviews_changes_only(entity, sources) else '1 = 1' -%}
    {%- set known = {} -%}
    {%- for name in relations -%}{%- do known.update({name: ref(name)}) -%}{%- endfor -%}
    {%- for name in sources -%}{%- do known.update({name: standing(name)}) -%}{%- endfor -%}
    {%- do known.update({'own': standing(entity)}) -%}
    {%- set rules = declared_rules(entity, 'after_promotion') -%}
with checked as (

    select _row_id, _failed from {{ ref('row_verdicts_' ~ entity) }}
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
