{# Text functions that differ between engines. Each takes SQL expressions and yields one. #}

{% macro contains(text, part) %}{{ return(adapter.dispatch('contains', 'icon_dbt')(text, part)) }}{% endmacro %}
{% macro default__contains(text, part) %}strpos({{ text }}, {{ part }}) > 0{% endmacro %}
{% macro sqlite__contains(text, part) %}instr({{ text }}, {{ part }}) > 0{% endmacro %}

{# Where a part begins in a text, from 1; 0 where it is not in it. #}
{% macro position_of(text, part) %}{{ return(adapter.dispatch('position_of', 'icon_dbt')(text, part)) }}{% endmacro %}
{% macro default__position_of(text, part) %}strpos({{ text }}, {{ part }}){% endmacro %}
{% macro sqlite__position_of(text, part) %}instr({{ text }}, {{ part }}){% endmacro %}

{# The separator of concatenated keys and contents: a character that no delivered cell holds after cleaning. #}
{% macro unit_separator() %}{{ return(adapter.dispatch('unit_separator', 'icon_dbt')()) }}{% endmacro %}
{% macro default__unit_separator() %}chr(31){% endmacro %}
{% macro sqlite__unit_separator() %}char(31){% endmacro %}

{# Without blanks around it, no-break spaces and control characters; empty text and NULL tokens become null. #}
{% macro stripped(text) %}{{ return(adapter.dispatch('stripped', 'icon_dbt')(text)) }}{% endmacro %}
{% macro default__stripped(text) -%}
    case
        when upper(trim(regexp_replace({{ text }}, '[[:cntrl:]\u00a0]', ' ', 'g')))
            in ('', 'NULL', 'NA', 'N/A', '-', '--', 'NONE', 'NAN') then null
        else trim(regexp_replace({{ text }}, '[[:cntrl:]\u00a0]', ' ', 'g'))
    end
{%- endmacro %}
{% macro sqlite__stripped(text) -%}
    {%- set plain = "trim(replace(replace(replace(replace(replace(" ~ text
        ~ ", char(160), ' '), char(9), ' '), char(10), ' '), char(13), ' '), char(31), ' '))" -%}
    case
        when {{ text }} not glob '*[^!-~]*' and length({{ text }}) > 4 then {{ text }}
        when {{ text }} is null then null
        when upper({{ plain }}) in ('', 'NULL', 'NA', 'N/A', '-', '--', 'NONE', 'NAN') then null
        else {{ plain }}
    end
{%- endmacro %}

{# True when every character is a digit (and there is at least one). #}
{% macro is_digits(text) %}{{ return(adapter.dispatch('is_digits', 'icon_dbt')(text)) }}{% endmacro %}
{% macro default__is_digits(text) %}regexp_like({{ text }}, '^[0-9]+$'){% endmacro %}
{% macro sqlite__is_digits(text) %}({{ text }} <> '' and {{ text }} not glob '*[^0-9]*'){% endmacro %}

{# Whole cents of an amount in dollars; null where it is no number, or too large to be dollars and to be added up. #}
{% macro cents_of(text) -%}
    case when {{ has_shape(text, 'number') }} and abs(cast({{ text }} as real)) <= 1e9 then cast(round(cast({{ text }} as real) * 100) as integer) end
{%- endmacro %}

{# True when the text has the named shape. #}
{% macro has_shape(text, shape) %}{{ return(adapter.dispatch('has_shape', 'icon_dbt')(text, shape)) }}{% endmacro %}
{% macro default__has_shape(text, shape) -%}
    {%- set patterns = {
        'patient_id': '^[0-9]{1,10}$', 'npi': '^[12][0-9]{9}$', 'cpt': '^[0-9]{4}[0-9A-Z]$',
        'zip': '^[0-9]{5}(-?[0-9]{4})?$', 'encounter_id': '^[A-Z2-7]{25}[AEIMQUY4]======$',
        'number': '^-?([0-9]+[.]?[0-9]*|[.][0-9]+)$', 'iso_date': '^[0-9]{4}-[0-9]{2}-[0-9]{2}$'} -%}
    regexp_like({{ text }}, '{{ patterns[shape] }}')
{%- endmacro %}
{% macro sqlite__has_shape(text, shape) -%}
    {%- if shape == 'patient_id' -%}
        ({{ is_digits(text) }} and length({{ text }}) <= 10)
    {%- elif shape == 'npi' -%}
        ({{ text }} glob '[12]{{ '[0-9]' * 9 }}')
    {%- elif shape == 'cpt' -%}
        ({{ text }} glob '{{ '[0-9]' * 4 }}[0-9A-Z]')
    {%- elif shape == 'zip' -%}
        ({{ text }} glob '{{ '[0-9]' * 5 }}' or {{ text }} glob '{{ '[0-9]' * 9 }}' or {{ text }} glob '{{ '[0-9]' * 5 }}-{{ '[0-9]' * 4 }}')
    {%- elif shape == 'encounter_id' -%}
        ({{ text }} glob '{{ '[A-Z2-7]' * 25 }}[AEIMQUY4]======')
    {%- elif shape == 'number' -%}
        ({{ text }} glob '*[0-9]*' and ltrim({{ text }}, '-') not glob '*[^0-9.]*'
            and length({{ text }}) - length(ltrim({{ text }}, '-')) <= 1
            and length({{ text }}) - length(replace({{ text }}, '.', '')) <= 1 and length({{ text }}) <= 40)
    {%- elif shape == 'iso_date' -%}
        ({{ text }} glob '{{ '[0-9]' * 4 }}-{{ '[0-9]' * 2 }}-{{ '[0-9]' * 2 }}')
    {%- else -%}
        {{ exceptions.raise_compiler_error("no shape '" ~ shape ~ "': add it to has_shape in macros/cross_db/text.sql") }}
    {%- endif -%}
{%- endmacro %}

{# Values of a group joined by `separator`, in no promised order. #}
{% macro joined(text, separator) %}{{ return(adapter.dispatch('joined', 'icon_dbt')(text, separator)) }}{% endmacro %}
{% macro default__joined(text, separator) %}string_agg({{ text }}, '{{ separator }}'){% endmacro %}
{% macro sqlite__joined(text, separator) %}group_concat({{ text }}, '{{ separator }}'){% endmacro %}

{# Keyword that makes an engine work a CTE out once instead of copying its expressions to every place that reads it. #}
{% macro materialized_cte() %}{{ return(adapter.dispatch('materialized_cte', 'icon_dbt')()) }}{% endmacro %}
{% macro default__materialized_cte() %}{% endmacro %}
{% macro sqlite__materialized_cte() %}materialized{% endmacro %}

{# True when two values differ, null counted as a value. #}
{% macro differs(left, right) %}{{ return(adapter.dispatch('differs', 'icon_dbt')(left, right)) }}{% endmacro %}
{% macro default__differs(left, right) %}{{ left }} is distinct from {{ right }}{% endmacro %}
{% macro sqlite__differs(left, right) %}{{ left }} is not {{ right }}{% endmacro %}
{% macro same(left, right) %}{{ return(adapter.dispatch('same', 'icon_dbt')(left, right)) }}{% endmacro %}
{% macro default__same(left, right) %}{{ left }} is not distinct from {{ right }}{% endmacro %}
{% macro sqlite__same(left, right) %}{{ left }} is {{ right }}{% endmacro %}
