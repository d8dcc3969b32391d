{# True when the text has the named shape: its regular expression. A number has forty characters at most. #}
{% macro has_shape(text, shape) -%}
    {%- set patterns = {
        'patient_id': '^[0-9]{1,10}$', 'npi': '^[12][0-9]{9}$', 'cpt': '^[0-9]{4}[0-9A-Z]$',
        'zip': '^[0-9]{5}(-?[0-9]{4})?$', 'encounter_id': '^[A-Z2-7]{25}[AEIMQUY4]======$',
        'number': '^-?([0-9]+[.]?[0-9]*|[.][0-9]+)$', 'iso_date': '^[0-9]{4}-[0-9]{2}-[0-9]{2}$'} -%}
    {%- if shape not in patterns -%}
        {{ exceptions.raise_compiler_error("no shape '" ~ shape ~ "': add it to macros/cross_db/shapes.sql") }}
    {%- endif -%}
    {{ return(adapter.dispatch('has_shape', 'icon_dbt')(text, shape, patterns[shape])) }}
{%- endmacro %}
{% macro duckdb__has_shape(text, shape, pattern) -%}
    (regexp_full_match({{ text }}, '{{ pattern }}'){{ ' and length(' ~ text ~ ') <= 40' if shape == 'number' }})
{%- endmacro %}
{# SQLite has no regular expressions of its own. #}
{% macro sqlite__has_shape(text, shape, pattern) -%}
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
        {{ exceptions.raise_compiler_error("no shape '" ~ shape ~ "' of SQLite: add it to macros/cross_db/shapes.sql") }}
    {%- endif -%}
{%- endmacro %}
