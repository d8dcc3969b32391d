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
{% macro verdict_rows(entity, relations=[], keyless_match=[]) %}
    {{ config(materialized='table') }}
    {%- set checked = earlier_verdicts(entity) -%}
    {%- set key = declared_source(entity)['key'] -%}
    {%- set replaces_list = declared_source(entity).get('replaces_list_of') -%}
    {%- set known = {} -%}
    {%- for name in relations -%}{%- do known.update({name: ref(name)}) -%}{%- endfor -%}
    {%- set rules = declared_rules(entity, 'before_promotion') -%}
    {%- set compared = [] -%}
    {%- for rule in rules if rule['kind'] == 'consistent_in_delivery' and rule['column'] -%}{%- do compared.append(rule['column']) -%}{%- endfor -%}
    {%- set spellings = declared_columns(entity) | selectattr('derived') | selectattr('derived.kind', 'equalto', 'as_delivered') | map(attribute='name') | list %}
with scoped as (

    select * from {{ ref('int_' ~ entity ~ '_scope') }}

),

live as (

    select * from scoped where _is_withdrawn = 0

),

{{ version_comparison_ctes('live', compared, spellings) }},

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

{{ status_ctes(entity, 'marked', shared_keys='shared_keys', scope='scoped', keyless_match=keyless_match) }},

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
        {%- if not flags.FULL_REFRESH and has_earlier_verdicts(entity) %}
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
