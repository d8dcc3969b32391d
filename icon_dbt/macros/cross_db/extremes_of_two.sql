{# The larger and the smaller of two scalars: max(a, b) in SQLite, greatest(a, b) elsewhere. #}
{% macro larger_of(left, right) -%}{{ return(adapter.dispatch('larger_of')(left, right)) }}{%- endmacro %}
{% macro default__larger_of(left, right) -%}greatest({{ left }}, {{ right }}){%- endmacro %}
{% macro sqlite__larger_of(left, right) -%}max({{ left }}, {{ right }}){%- endmacro %}

{% macro smaller_of(left, right) -%}{{ return(adapter.dispatch('smaller_of')(left, right)) }}{%- endmacro %}
{% macro default__smaller_of(left, right) -%}least({{ left }}, {{ right }}){%- endmacro %}
{% macro sqlite__smaller_of(left, right) -%}min({{ left }}, {{ right }}){%- endmacro %}
