{# The table of verdicts, kept from build to build; only rows whose verdict or values changed are written. `lookups` lists the
   column combinations by which other rows look one up. The index of waiting rows leads with `_status`, or SQLite, which keeps
   no statistics here, would rather scan a wider index from end to end. #}
{% macro row_verdicts(entity, lookups=[]) %}
    {%- set lookup_indexes = [] -%}
    {%- for columns in lookups -%}{%- do lookup_indexes.append({'columns': columns}) -%}{%- endfor -%}
    {{ config(
        materialized='incremental',
        unique_key='_row_id',
        on_schema_change='fail',
        pre_hook=["{{ _journal_all_rows('" ~ entity ~ "') }}", "{{ journal_old_values('" ~ entity ~ "') }}"],
        post_hook=[
            "{{ add_new_keys('ops_changed_rows', _changed_verdicts('" ~ entity ~ "')) }}",
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

    select * from {{ ref('int_' ~ entity ~ '_verdicts') }}
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

{% macro _changed_verdicts(entity) -%}
select '{{ entity }}', _row_id from {{ ref('int_' ~ entity ~ '_verdicts') }} where _is_changed = 1
{%- endmacro %}

{# Before a full refresh forgets them: silver must look at every row that had a verdict. #}
{% macro _journal_all_rows(entity) -%}
    {%- if execute and flags.FULL_REFRESH and load_relation(this) -%}
        {{ add_new_keys('ops_changed_rows', "select '" ~ entity ~ "', _row_id from " ~ this ~ ' where true') }}
    {%- else -%}
        select 1
    {%- endif -%}
{%- endmacro %}
