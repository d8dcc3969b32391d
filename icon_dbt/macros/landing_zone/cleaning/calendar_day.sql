{# A day in any form that can be read in one way only, as YYYY-MM-DD: year first, the month's name, a day above 12, or in the
   `order` that was stated for the file (SQL that yields MDY, DMY or null). A year has four digits, a time of day is midnight.
   What can be read in two ways, contradicts the stated order or is no day of the calendar stays as it was delivered. #}
{% macro calendar_day(text, order='null') -%}
    case when {{ has_shape(text, 'iso_date') }} then {{ text }} else (
        with _dated as {{ materialized_cte() }} (
            select {{ text }} as _delivered, {{ without_midnight(text) }} as _day
        ),
        _marked as {{ materialized_cte() }} (
            select _delivered, _day, {{ _separator_of_numbers('_day') }} as _sign, {{ with_numbered_month(lower_ascii('_day')) }} as _named from _dated
        ),
        _counted as {{ materialized_cte() }} (
            select _delivered, _day, _sign, {{ position_of('_day', '_sign') }} as _first, {{ without_ordinals('_named') }} as _named from _marked
        ),
        _spaced as {{ materialized_cte() }} (
            select
                _delivered, _day, _sign, _first,
                _first + {{ position_of("substr(_day, _first + 1)", '_sign') }} as _second,
                {{ with_single_blanks('_named') }} as _named
            from _counted
        ),
        _placed as {{ materialized_cte() }} (
            select *, {{ position_of('_named', unit_separator()) }} as _month_at from _spaced
        ),
        _read as {{ materialized_cte() }} (
            select _delivered, coalesce({{ _day_of_numbers(order) }}, {{ _day_of_month_name() }}) as _iso from _placed
        )
        select case when {{ is_real_date('_iso') }} then _iso else _delivered end from _read
    ) end
{%- endmacro %}

{# The sign between the three numbers of a date; null where there is none, or more than one kind. #}
{% macro _separator_of_numbers(day) -%}
    case
        {%- for sign, others in {'-': '/.', '/': '-.', '.': '-/'}.items() %}
        when {{ contains(day, "'" ~ sign ~ "'") }} and not {{ contains(day, "'" ~ others[0] ~ "'") }} and not {{ contains(day, "'" ~ others[1] ~ "'") }} then '{{ sign }}'
        {%- endfor %}
    end
{%- endmacro %}

{# Three numbers, or eight digits. #}
{% macro _day_of_numbers(order) -%}
    {%- set parts = ["substr(_day, 1, _first - 1)", "substr(_day, _first + 1, _second - _first - 1)", "substr(_day, _second + 1)"] -%}
    case
        when length(_day) = 8 and {{ is_digits('_day') }}
            then substr(_day, 1, 4) || '-' || substr(_day, 5, 2) || '-' || substr(_day, 7, 2)
        when _sign is null or _first < 2 or _second < _first + 2 then null
        when not {{ is_digits(parts[0]) }} or not {{ is_digits(parts[1]) }} or not {{ is_digits(parts[2]) }} or length({{ parts[1] }}) > 2 then null
        when length({{ parts[0] }}) = 4 and length({{ parts[2] }}) <= 2 then {{ _iso_text(parts[0], parts[1], parts[2]) }}
        when length({{ parts[0] }}) > 2 or length({{ parts[2] }}) <> 4 then null
        when {{ order }} = 'MDY' then {{ _iso_text(parts[2], parts[0], parts[1]) }}
        when {{ order }} = 'DMY' then {{ _iso_text(parts[2], parts[1], parts[0]) }}
        when {{ integer_of_text(parts[1]) }} > 12 then {{ _iso_text(parts[2], parts[0], parts[1]) }}
        when {{ integer_of_text(parts[0]) }} > 12 or {{ integer_of_text(parts[0]) }} = {{ integer_of_text(parts[1]) }}
            then {{ _iso_text(parts[2], parts[1], parts[0]) }}
    end
{%- endmacro %}

{# Day, month's name and year: 24-MAR-1950, March 24th, 1950, 1950 Mar 24. #}
{% macro _day_of_month_name() -%}
    {%- set before, month, after = "substr(_named, 1, _month_at - 1)", "substr(_named, _month_at + 1, 2)", "substr(_named, _month_at + 4)" -%}
    {%- set blank = position_of(after, "' '") -%}
    case
        when _named is null or length(_named) - length(replace(_named, {{ unit_separator() }}, '')) <> 2 then null
        when _month_at > 1 and (not {{ is_digits(before) }} or not {{ is_digits(after) }}) then null
        when _month_at in (2, 3) and length({{ after }}) = 4 then {{ _iso_text(after, month, before) }}
        when _month_at = 5 and length({{ after }}) <= 2 then {{ _iso_text(before, month, after) }}
        when _month_at = 1 and {{ blank }} in (2, 3) and length({{ after }}) = {{ blank }} + 4
                and {{ is_digits("replace(" ~ after ~ ", ' ', '')") }}
            then {{ _iso_text("substr(" ~ after ~ ", " ~ blank ~ " + 1)", month, "substr(" ~ after ~ ", 1, " ~ blank ~ " - 1)") }}
    end
{%- endmacro %}

{% macro _iso_text(year, month, day) -%}
    {{ year }} || '-' || {{ _two_digits(month) }} || '-' || {{ _two_digits(day) }}
{%- endmacro %}

{% macro _two_digits(number) -%}case when length({{ number }}) = 1 then '0' || {{ number }} else {{ number }} end{%- endmacro %}
