{# dbt-sqlite calls a column without declared type UNKNOWN, and cast('abc' as UNKNOWN) is a NUMERIC cast, that is 0:
   every text of a unit-test fixture would silently turn into 0. #}
{% macro sqlite__safe_cast(field, type) -%}
    {%- if type is none or type | upper in ('UNKNOWN', '') -%}{{ field }}{%- else -%}cast({{ field }} as {{ type }}){%- endif -%}
{%- endmacro %}
