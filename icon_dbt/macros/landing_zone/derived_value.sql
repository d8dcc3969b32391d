{# A column that is worked out from mapped ones. `from` is the alias of the relation that holds them. `as_delivered` is the cell
   before cleaning, which that relation holds as `<column>__delivered`; a correction leaves it as it is. #}
{% macro derived_value(derived, from) -%}
    {%- set sources = [] -%}
    {%- for name in derived['from'] -%}{%- do sources.append(from ~ '.' ~ name) -%}{%- endfor -%}
    {%- if derived['kind'] == 'zip5' -%}
        case when {{ has_shape(sources[0], 'zip') }} then substr({{ sources[0] }}, 1, 5) end
    {%- elif derived['kind'] == 'zip4' -%}
        case when {{ has_shape(sources[0], 'zip') }} and length({{ sources[0] }}) >= 9 then substr({{ sources[0] }}, -4) end
    {%- elif derived['kind'] == 'joined' -%}
        {%- for source in sources -%}
        replace(replace({{ source }}, '\', '\\'), '|', '\|'){{ " || '|' || " if not loop.last }}
        {%- endfor -%}
    {%- elif derived['kind'] == 'as_delivered' -%}
        {{ sources[0] }}__delivered
    {%- else -%}
        {{ exceptions.raise_compiler_error("no derived kind '" ~ derived['kind'] ~ "': add it to macros/landing_zone/derived_value.sql") }}
    {%- endif -%}
{%- endmacro %}
