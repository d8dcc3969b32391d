{# Numbers: casts, division, rounding and extremes, one meaning each. #}

{# A number without its fraction, towards zero. A cast alone rounds on some engines. #}
{% macro truncated(number) %}{{ return(adapter.dispatch('truncated', 'icon_dbt')(number)) }}{% endmacro %}
{% macro sqlite__truncated(number) %}cast({{ number }} as {{ integer_type() }}){% endmacro %}
{% macro duckdb__truncated(number) %}cast(trunc({{ number }}) as {{ integer_type() }}){% endmacro %}

{# What a text of digits, or the text of a number, stands for. What other text yields is said nowhere: ask for its shape, in the same
   condition or around it. No engine stops at such text, whatever it works out first. #}
{% macro integer_of_text(text) %}{{ return(adapter.dispatch('integer_of_text', 'icon_dbt')(text)) }}{% endmacro %}
{% macro sqlite__integer_of_text(text) %}cast({{ text }} as {{ integer_type() }}){% endmacro %}
{% macro duckdb__integer_of_text(text) %}try_cast({{ text }} as {{ integer_type() }}){% endmacro %}

{% macro float_of_text(text) %}{{ return(adapter.dispatch('float_of_text', 'icon_dbt')(text)) }}{% endmacro %}
{% macro sqlite__float_of_text(text) %}cast({{ text }} as {{ float_type() }}){% endmacro %}
{% macro duckdb__float_of_text(text) %}try_cast({{ text }} as {{ float_type() }}){% endmacro %}

{# How often a whole number goes into another, without the rest. Everywhere else one side of `/` is a number with a fraction. #}
{% macro whole_quotient(number, divisor) %}{{ return(adapter.dispatch('whole_quotient', 'icon_dbt')(number, divisor)) }}{% endmacro %}
{% macro sqlite__whole_quotient(number, divisor) %}(({{ number }}) / ({{ divisor }})){% endmacro %}
{% macro duckdb__whole_quotient(number, divisor) %}(({{ number }}) // ({{ divisor }})){% endmacro %}

{# The larger and the smaller of two scalars; null when one of them is, which greatest() and least() overlook. #}
{% macro larger_of(left, right) %}{{ return(adapter.dispatch('larger_of', 'icon_dbt')(left, right)) }}{% endmacro %}
{% macro sqlite__larger_of(left, right) %}max({{ left }}, {{ right }}){% endmacro %}
{% macro duckdb__larger_of(left, right) %}(case when ({{ left }}) is not null and ({{ right }}) is not null then greatest({{ left }}, {{ right }}) end){% endmacro %}

{% macro smaller_of(left, right) %}{{ return(adapter.dispatch('smaller_of', 'icon_dbt')(left, right)) }}{% endmacro %}
{% macro sqlite__smaller_of(left, right) %}min({{ left }}, {{ right }}){% endmacro %}
{% macro duckdb__smaller_of(left, right) %}(case when ({{ left }}) is not null and ({{ right }}) is not null then least({{ left }}, {{ right }}) end){% endmacro %}
