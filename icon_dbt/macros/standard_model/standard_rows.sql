{# Silver follows the gate: rows judged since silver last read them are taken out, and those that are promoted come in.
   `columns` maps each silver column to SQL over promoted_<entity>; `key` identifies a row. #}
{% macro standard_rows(entity, columns, key, indexes=[]) %}
    {%- set all_indexes = [{'columns': key, 'unique': true}, {'columns': ['_row_id'], 'unique': true}] -%}
    {%- for index in indexes -%}{%- do all_indexes.append({'columns': index}) -%}{%- endfor -%}
    {{ config(
        indexes=all_indexes,
        pre_hook="{{ _forget_changed_rows('" ~ entity ~ "') }}",
        post_hook="delete from ops_changed_rows where entity = '" ~ entity ~ "'") }}
{%- set changed_rows = source('control', 'ops_changed_rows') %}
with promoted as (

    select * from {{ ref('promoted_' ~ entity) }}
    {%- if is_incremental() %}
    where _row_id in (select row_id from {{ changed_rows }} where entity = '{{ entity }}')
    {%- endif %}

),

final as (

    select
        {%- for name, expression in columns.items() %}
        {{ expression }} as {{ name }},
        {%- endfor %}
        {{ lineage_columns() }}
    from promoted

)

select * from final
{% endmacro %}

{# Take out of the incremental table whatever was judged again; what still passes comes back with the model itself. #}
{% macro _forget_changed_rows(entity) -%}
    {%- if execute and not flags.FULL_REFRESH and load_relation(this) -%}
        delete from {{ this }} where _row_id in (select row_id from ops_changed_rows where entity = '{{ entity }}')
    {%- else -%}
        select 1
    {%- endif -%}
{%- endmacro %}
