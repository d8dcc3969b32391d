{# Types. A model names none of its own: `real` has 64 bits in SQLite and 32 elsewhere, and so has `integer`. #}

{# A number of 64 bits with a fraction. #}
{% macro float_type() %}{{ return(adapter.dispatch('float_type', 'icon_dbt')()) }}{% endmacro %}
{% macro sqlite__float_type() %}real{% endmacro %}
{% macro duckdb__float_type() %}double{% endmacro %}

{# A whole number of 64 bits. #}
{% macro integer_type() %}{{ return(adapter.dispatch('integer_type', 'icon_dbt')()) }}{% endmacro %}
{% macro sqlite__integer_type() %}integer{% endmacro %}
{% macro duckdb__integer_type() %}bigint{% endmacro %}
