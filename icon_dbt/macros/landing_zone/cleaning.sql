{# How a delivered cell, stripped, becomes a mapped value. One macro a kind; each takes and yields a text expression. #}

{% macro cleaned(kind, text) -%}
    {%- if kind == 'text' -%}{{ text }}
    {%- elif kind == 'code' -%}upper({{ text }})
    {%- elif kind == 'identifier' -%}{{ without_decimal_zero(text) }}
    {%- elif kind == 'npi' -%}{{ restored_npi(text) }}
    {%- elif kind == 'gender' -%}{{ spelled_gender(text) }}
    {%- elif kind == 'date' -%}{{ iso_date_text(text) }}
    {%- elif kind == 'money' -%}{{ plain_number(text) }}
    {%- else -%}{{ exceptions.raise_compiler_error("no cleaning '" ~ kind ~ "': add it to macros/landing_zone/cleaning.sql") }}
    {%- endif -%}
{%- endmacro %}

{# '13189.0' is what a spreadsheet makes of 13189; nothing is lost by undoing it. #}
{% macro without_decimal_zero(text) -%}
    case when {{ text }} like '%.0' and {{ is_digits("substr(" ~ text ~ ", 1, length(" ~ text ~ ") - 2)") }}
        then substr({{ text }}, 1, length({{ text }}) - 2) else {{ text }} end
{%- endmacro %}

{# Scientific notation is undone only when all ten digits are there: 2.979919067E+09, not 2.98E+09. #}
{% macro restored_npi(text) -%}
    case when ({{ text }} like '_._________E+09' or {{ text }} like '_._________E9')
            and {{ is_digits("substr(" ~ text ~ ", 3, 9)") }}
        then substr({{ text }}, 1, 1) || substr({{ text }}, 3, 9)
        else {{ without_decimal_zero(text) }} end
{%- endmacro %}

{% macro spelled_gender(text) -%}
    case lower({{ text }}) when 'm' then 'male' when 'f' then 'female' when 'o' then 'other' when 'u' then 'unknown'
        else lower({{ text }}) end
{%- endmacro %}

{# Year first is unambiguous; day-month order never is, so it is left for the rule to hold back. #}
{% macro iso_date_text(text) -%}
    case
        when {{ has_shape("replace(" ~ text ~ ", '/', '-')", 'iso_date') }} then replace({{ text }}, '/', '-')
        when length({{ text }}) = 8 and {{ is_digits(text) }}
            then substr({{ text }}, 1, 4) || '-' || substr({{ text }}, 5, 2) || '-' || substr({{ text }}, 7, 2)
        when length({{ text }}) >= 19 and substr({{ text }}, 12, 8) = '00:00:00' then substr({{ text }}, 1, 10)
        else {{ text }}
    end
{%- endmacro %}

{# '$1,234.00' to '1234.00', '(12.00)' to '-12.00'; commas only where they separate thousands. #}
{% macro plain_number(text) -%}
    {%- set bare = "replace(replace(" ~ text ~ ", '$', ''), ' ', '')" -%}
    case
        when {{ has_shape(text, 'number') }} then {{ text }}
        when {{ bare }} like '(%)' then '-' || replace(substr({{ bare }}, 2, length({{ bare }}) - 2), ',', '')
        when {{ bare }} like '%,___.%' or {{ bare }} like '%,___' then replace({{ bare }}, ',', '')
        else {{ bare }}
    end
{%- endmacro %}

{# What was done to a cell, by rule of the catalogue: '' when the delivered text was used as it is. #}
{% macro fix_of(kind, delivered, clean) -%}
    case when {{ delivered }} is null or {{ delivered }} = '' then ''
        when {{ clean }} is not null and {{ clean }} = {{ delivered }} then ''
    {%- if kind in ('identifier', 'npi') %}
        when {{ clean }} is not null and ({{ delivered }} like '%.0' or {{ delivered }} like '%E%') then 'ROW-07 '
    {%- elif kind == 'money' %}
        when {{ delivered }} like '%$%' or {{ delivered }} like '%,%' or {{ delivered }} like '%(%' then 'ENC-11 '
    {%- endif %}
        else 'ROW-01 ' end
{%- endmacro %}
