{# '$1,234.00' to '1234.00', '(12.00)' to '-12.00'. Commas are taken out only where they part all thousands; what groups digits in
   any other way (120 50, 1,2345,678, 7.206,00) is no number here and stays as it is. #}
{% macro plain_amount(text) -%}
    case when {{ has_shape(text, 'number') }} then {{ text }} else (
        with _opened as {{ materialized_cte() }} (
            select
                {{ text }} as _delivered,
                case when {{ text }} like '(%)' then 1 else 0 end as _is_bracketed,
                case when {{ text }} like '(%)' then {{ trimmed('substr(' ~ text ~ ', 2, length(' ~ text ~ ') - 2)') }} else {{ text }} end as _inner
        ),
        _unsigned as {{ materialized_cte() }} (
            select
                _delivered,
                _is_bracketed + case when _inner like '-%' or _inner like '$-%' or _inner like '$ -%' then 1 else 0 end as _signs,
                case
                    when _inner like '-$ %' or _inner like '$ -%' then substr(_inner, 4)
                    when _inner like '-$%' or _inner like '$-%' or _inner like '$ %' then substr(_inner, 3)
                    when _inner like '-%' or _inner like '$%' then substr(_inner, 2)
                    else _inner
                end as _bare
            from _opened
        ),
        _split as {{ materialized_cte() }} (
            select
                _delivered,
                _signs,
                case when {{ contains('_bare', "'.'") }} then substr(_bare, 1, {{ position_of('_bare', "'.'") }} - 1) else _bare end as _whole,
                case when {{ contains('_bare', "'.'") }} then substr(_bare, {{ position_of('_bare', "'.'") }} + 1) else '' end as _cents
            from _unsigned
        ),
        _counted as {{ materialized_cte() }} (select *, replace(_whole, ',', '') as _digits from _split)
        select case
                when _signs > 1 or length(_digits) > 15 or not ({{ is_digits('_digits || _cents') }}) then _delivered
                when _whole <> _digits and (_digits like '0%' or _whole <> {{ _grouped_thousands('_digits') }}) then _delivered
                else case when _signs = 1 then '-' else '' end || _digits || case when _cents = '' then '' else '.' || _cents end
            end
        from _counted
    ) end
{%- endmacro %}

{# Up to fifteen digits with a comma before every third from the right. #}
{% macro _grouped_thousands(digits) -%}
    case
        {%- for groups in range(1, 6) %}
        when length({{ digits }}) <= {{ 3 * groups }} then
            {%- if groups == 1 %} {{ digits }}
            {%- else %} substr({{ digits }}, 1, length({{ digits }}) - {{ 3 * groups - 3 }})
                {%- for group in range(groups - 1, 0, -1) %} || ',' || substr({{ digits }}, length({{ digits }}) - {{ 3 * group - 1 }}, 3){% endfor %}
            {%- endif %}
        {%- endfor %}
    end
{%- endmacro %}
