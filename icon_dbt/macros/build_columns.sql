{# The columns that every gold table and feature ends with. They name the inputs, not the moment: the same loads, decisions
   and as_of give the same build id, so a table that is built again from the same inputs is the same row for row. #}
{% macro build_columns() -%}
    (select build_id from {{ source('control', 'ops_build') }}) as _build_id,
    {{ as_of() }} as _as_of_date,
    (select source_high_watermark from {{ source('control', 'ops_build') }}) as _source_high_watermark
{%- endmacro %}
