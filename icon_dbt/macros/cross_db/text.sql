{# Text functions that differ between engines. Each takes SQL expressions and yields one. #}

{% macro contains(text, part) %}({{ position_of(text, part) }} > 0){% endmacro %}

{# Where a part begins in a text, from 1; 0 where it is not in it. #}
{% macro position_of(text, part) %}{{ return(adapter.dispatch('position_of', 'icon_dbt')(text, part)) }}{% endmacro %}
{% macro sqlite__position_of(text, part) %}instr({{ text }}, {{ part }}){% endmacro %}
{% macro duckdb__position_of(text, part) %}instr({{ text }}, {{ part }}){% endmacro %}

{# The character of a code point. #}
{% macro character(code) %}{{ return(adapter.dispatch('character', 'icon_dbt')(code)) }}{% endmacro %}
{% macro sqlite__character(code) %}char({{ code }}){% endmacro %}
{% macro duckdb__character(code) %}chr({{ code }}){% endmacro %}

{# The separator of concatenated keys and contents: a character that no delivered cell holds after cleaning. #}
{% macro unit_separator() %}{{ character(31) }}{% endmacro %}

{# With the letters A to Z small, or large; no other letter changes. #}
{% macro lower_ascii(text) %}{{ return(adapter.dispatch('lower_ascii', 'icon_dbt')(text)) }}{% endmacro %}
{% macro sqlite__lower_ascii(text) %}lower({{ text }}){% endmacro %}
{% macro duckdb__lower_ascii(text) %}translate({{ text }}, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz'){% endmacro %}

{% macro upper_ascii(text) %}{{ return(adapter.dispatch('upper_ascii', 'icon_dbt')(text)) }}{% endmacro %}
{% macro sqlite__upper_ascii(text) %}upper({{ text }}){% endmacro %}
{% macro duckdb__upper_ascii(text) %}translate({{ text }}, 'abcdefghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'){% endmacro %}

{# Without blanks around it; no other character is a blank. #}
{% macro trimmed(text) %}trim({{ text }}, ' '){% endmacro %}

{# Trimmed, without no-break spaces and control characters; empty text and NULL tokens become null. #}
{% macro stripped(text) -%}
    {%- set plain = [text] -%}
    {%- for code in [160, 9, 10, 13, 31] -%}{%- do plain.append('replace(' ~ plain[-1] ~ ', ' ~ character(code) ~ ", ' ')") -%}{%- endfor -%}
    {%- set plain = trimmed(plain[-1]) -%}
    case
        when {{ is_printed(text) }} and length({{ text }}) > 4 then {{ text }}
        when {{ text }} is null then null
        when {{ upper_ascii(plain) }} in ('', 'NULL', 'NA', 'N/A', '-', '--', 'NONE', 'NAN') then null
        else {{ plain }}
    end
{%- endmacro %}

{# True when every character is a printed one of ASCII and none a blank. #}
{% macro is_printed(text) %}{{ return(adapter.dispatch('is_printed', 'icon_dbt')(text)) }}{% endmacro %}
{% macro sqlite__is_printed(text) %}{{ text }} not glob '*[^!-~]*'{% endmacro %}
{% macro duckdb__is_printed(text) %}regexp_full_match({{ text }}, '[!-~]*'){% endmacro %}

{# True when every character is a digit (and there is at least one). #}
{% macro is_digits(text) %}{{ return(adapter.dispatch('is_digits', 'icon_dbt')(text)) }}{% endmacro %}
{% macro sqlite__is_digits(text) %}({{ text }} <> '' and {{ text }} not glob '*[^0-9]*'){% endmacro %}
{% macro duckdb__is_digits(text) %}regexp_full_match({{ text }}, '[0-9]+'){% endmacro %}

{# Whole cents of an amount in dollars; null where it is no number, or too large to be dollars and to be added up. #}
{% macro cents_of(text) -%}
    case when {{ has_shape(text, 'number') }} and abs({{ float_of_text(text) }}) <= 1e9 then cast(round({{ float_of_text(text) }} * 100) as {{ integer_type() }}) end
{%- endmacro %}

{# Keyword that makes an engine work a CTE out once instead of copying its expressions to every place that reads it. #}
{% macro materialized_cte() %}{{ return(adapter.dispatch('materialized_cte', 'icon_dbt')()) }}{% endmacro %}
{% macro sqlite__materialized_cte() %}materialized{% endmacro %}
{% macro duckdb__materialized_cte() %}materialized{% endmacro %}

{# True when two values differ, null counted as a value. #}
{% macro differs(left, right) %}{{ return(adapter.dispatch('differs', 'icon_dbt')(left, right)) }}{% endmacro %}
{% macro sqlite__differs(left, right) %}{{ left }} is not {{ right }}{% endmacro %}
{% macro duckdb__differs(left, right) %}{{ left }} is distinct from {{ right }}{% endmacro %}
{% macro same(left, right) %}{{ return(adapter.dispatch('same', 'icon_dbt')(left, right)) }}{% endmacro %}
{% macro sqlite__same(left, right) %}{{ left }} is {{ right }}{% endmacro %}
{% macro duckdb__same(left, right) %}{{ left }} is not distinct from {{ right }}{% endmacro %}
