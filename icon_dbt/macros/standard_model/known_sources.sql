{#
  What gold and features know. A count over rows that are not there is zero only where somebody said so: where the source was
  delivered, and those whose keys it carries. Otherwise it is unknown, which is null.
#}

{# True when each of these sources is known. #}
{% macro is_known(names) -%}
    ((select min(is_known) from {{ ref('std_source') }} where entity in ('{{ names | join("', '") }}')) = 1)
{%- endmacro %}

{# The expression where each of these sources is known, null elsewhere. #}
{% macro if_known(names, expression) -%}
    case when {{ is_known(names) }} then {{ expression }} end
{%- endmacro %}

{# A count that is absent where there is nothing to count: zero where these sources are known, null elsewhere. #}
{% macro counted(names, count) -%}
    {{ if_known(names, 'coalesce(' ~ count ~ ', 0)') }}
{%- endmacro %}

{# A source and, from parent to parent, every source whose keys its rows carry. #}
{% macro needed_sources(name) -%}
    {%- set names = [name] -%}
    {%- for parent in source_parents().get(name, {}).values() -%}
        {%- for other in needed_sources(parent) if other not in names -%}{%- do names.append(other) -%}{%- endfor -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}
