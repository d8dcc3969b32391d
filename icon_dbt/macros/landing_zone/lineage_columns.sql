{# The columns that lead a row back to its delivered line. #}
{% macro lineage_columns() -%}
_row_id, _load_id, _source_file, _source_row_number, _loaded_at
{%- endmacro %}
