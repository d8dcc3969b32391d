{# Dates are ISO 8601 text everywhere; comparing them as text is comparing them as dates. #}

{# The day on which ages and waivers are judged, as text: a literal, or "stamped", the day that the run has written to ops_build
   (so that the same statement serves every day). #}
{% macro as_of() -%}
    {%- set day = var('as_of', none) -%}
    {%- if day == 'stamped' -%}
        (select as_of from {{ source('control', 'ops_build') }})
    {%- elif day -%}
        '{{ day }}'
    {%- else -%}
        coalesce((select max(substr(loaded_at, 1, 10)) from {{ source('control', 'ops_loads') }} where status = 'loaded'), '1970-01-01')
    {%- endif -%}
{%- endmacro %}

{# True when the text is a day that exists, as YYYY-MM-DD. #}
{% macro is_real_date(text) %}{{ return(adapter.dispatch('is_real_date', 'icon_dbt')(text)) }}{% endmacro %}
{% macro sqlite__is_real_date(text) %}({{ has_shape(text, 'iso_date') }} and coalesce(date({{ text }}, '+0 days') = {{ text }}, 0)){% endmacro %}
{% macro duckdb__is_real_date(text) %}({{ has_shape(text, 'iso_date') }} and try_cast({{ text }} as date) is not null){% endmacro %}

{# Completed years between two ISO dates, as an integer. #}
{% macro completed_years(birth, day) -%}
    ({{ integer_of_text('substr(' ~ day ~ ', 1, 4)') }} - {{ integer_of_text('substr(' ~ birth ~ ', 1, 4)') }}
        - case when substr({{ day }}, 6, 5) < substr({{ birth }}, 6, 5) then 1 else 0 end)
{%- endmacro %}

{# Days from one ISO date to another, as a number. #}
{% macro days_between(first, last) %}{{ return(adapter.dispatch('days_between', 'icon_dbt')(first, last)) }}{% endmacro %}
{% macro sqlite__days_between(first, last) %}(julianday({{ last }}) - julianday({{ first }})){% endmacro %}
{% macro duckdb__days_between(first, last) %}date_diff('day', try_cast({{ first }} as date), try_cast({{ last }} as date)){% endmacro %}
