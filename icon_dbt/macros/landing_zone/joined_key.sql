{# Values joined by a character that no cleaned cell holds; null when one is null, unless `default` is given. #}
{% macro joined_key(expressions, default=none) -%}
    {%- for expression in expressions -%}
        {{ expression if default is none else 'coalesce(' ~ expression ~ ', ' ~ default ~ ')' }}{{ ' || ' ~ unit_separator() ~ ' || ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
