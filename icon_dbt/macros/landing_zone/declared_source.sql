{# What the YAML of a source declares, as plain data. Empty while dbt parses; a unit test overrides these two. #}

{# [{name, delivered, cleaning, derived}] for each mapped column, in order. #}
{% macro declared_columns(entity) %}
    {%- set found = [] -%}
    {%- if execute -%}
        {%- for column in graph.nodes['model.' ~ project_name ~ '.stg_' ~ entity].columns.values() if not column.name.startswith('_') -%}
            {%- set meta = (column.config or {}).get('meta') or column.meta -%}
            {%- do found.append({
                'name': column.name, 'delivered': meta.get('delivered'), 'cleaning': meta.get('cleaning'), 'derived': meta.get('derived')}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found) }}
{% endmacro %}

{# {key, replaces_list_of}: the mapped columns that identify a row, and the column whose lists replace each other as a whole. #}
{% macro declared_source(entity) %}
    {{ return(graph.nodes['model.' ~ project_name ~ '.stg_' ~ entity].config.meta['source'] if execute else {'key': []}) }}
{% endmacro %}

{# Whether a column of the source holds dates, so that it matters in which order its files write day and month. #}
{% macro has_dates(entity) %}{{ return(declared_columns(entity) | selectattr('cleaning', 'equalto', 'date') | list | length > 0) }}{% endmacro %}

{# Columns beside the mapped ones that the rows in scope and their verdicts carry. #}
{% macro verdict_columns(entity) %}
    {%- set helpers = [
        '_row_id', '_load_id', '_source_file', '_source_row_number', '_loaded_at', '_position', '_load_seq', '_is_held', '_is_rejected',
        '_waived', '_fixes', '_content', '_current', '_key', '_family'] -%}
    {{ return((declared_columns(entity) | map(attribute='name') | list) + helpers) }}
{% endmacro %}

{# Values joined by a character that no cleaned cell holds; null when one is null, unless `default` is given. #}
{% macro joined_key(expressions, default=none) -%}
    {%- for expression in expressions -%}
        {{ expression if default is none else 'coalesce(' ~ expression ~ ', ' ~ default ~ ')' }}{{ ' || ' ~ unit_separator() ~ ' || ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

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
        {{ exceptions.raise_compiler_error("no derived kind '" ~ derived['kind'] ~ "': add it to macros/landing_zone/declared_source.sql") }}
    {%- endif -%}
{%- endmacro %}
