{# A code of digits that a program took for a number: '29806.0' was 29806, '1.234567893E+09' was 1234567893. It is restored
   only where every digit is there: 1.23E+09 has lost some. A code in which a point has a meaning is text, not a code. #}
{% macro restored_digits(text) -%}
    case when not {{ contains(text, "'.'") }} then {{ text }} else (
        with _parts as {{ materialized_cte() }} (
            select
                {{ text }} as _delivered,
                substr({{ text }}, 1, {{ position_of(text, "'.'") }} - 1) as _whole,
                substr({{ text }}, {{ position_of(text, "'.'") }} + 1) as _fraction
        ),
        _marked as {{ materialized_cte() }} (
            select *, {{ position_of(upper_ascii('_fraction'), "'E'") }} as _e from _parts
        ),
        _measured as {{ materialized_cte() }} (
            select
                *,
                case when _e > 1 then substr(_fraction, 1, _e - 1) end as _mantissa,
                case when _e > 1 and {{ is_digits(_exponent()) }} and length({{ _exponent() }}) <= 2 then {{ integer_of_text(_exponent()) }} end as _power
            from _marked
        )
        select case
                when {{ is_digits('_whole') }} and replace(_fraction, '0', '') = '' then _whole
                when _power between 1 and 14 and length(_whole) = 1 and _whole between '1' and '9' and {{ is_digits('_mantissa') }}
                        and length(_mantissa) >= _power and replace(substr(_mantissa, _power + 1), '0', '') = ''
                    then _whole || substr(_mantissa, 1, _power)
                else _delivered
            end
        from _measured
    ) end
{%- endmacro %}

{# What stands behind the E of a number, without its sign. #}
{% macro _exponent() -%}
    case when substr(_fraction, _e + 1, 1) = '+' then substr(_fraction, _e + 2) else substr(_fraction, _e + 1) end
{%- endmacro %}
