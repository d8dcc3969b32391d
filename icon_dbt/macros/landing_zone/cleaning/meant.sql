{# What a cell of a column with a list of allowed values means: itself where it is understood, otherwise the value that was stated
   for this word in this load, otherwise as it came, for a rule to hold back. In a select from `stripped`. #}
{% macro meant(column, value, allowed) -%}
    case when {{ value }} in ({{ text_list(allowed) }}) then {{ value }}
        else coalesce((
            select words.value from {{ source_words() }} as words
            where words.load_id = stripped._load_id and words.column_name = '{{ column }}'
                and words.delivered = {{ lower_ascii('stripped.' ~ column) }} and words.ended_at is null), {{ value }}) end
{%- endmacro %}
