{# Lists inside one value: where engines differ most. #}

{# A delivered list as a comma list: without brackets, quotes and backslashes; line breaks, tabs, semicolons and bars separate
   as well. Empty text for no list. #}
{% macro comma_list(text) -%}
    {%- set list = ["coalesce(" ~ text ~ ", '')"] -%}
    {%- for dropped in ["'['", "']'", "'\"'", "'\\'"] -%}
        {%- do list.append("replace(" ~ list[-1] ~ ", " ~ dropped ~ ", '')") -%}
    {%- endfor -%}
    {%- for separator in ["';'", "'|'", character(9), character(10), character(13)] -%}
        {%- do list.append("replace(" ~ list[-1] ~ ", " ~ separator ~ ", ',')") -%}
    {%- endfor -%}
    {{ list[-1] }}
{%- endmacro %}

{# FROM-clause that yields one row per element of a comma list: columns `key` (position from 0) and `value`. #}
{% macro elements_of(list) %}{{ return(adapter.dispatch('elements_of', 'icon_dbt')(list)) }}{% endmacro %}
{# json_quote makes a JSON text of whatever stands in the value; pasted quotes would break at a line break or a backslash. #}
{% macro sqlite__elements_of(list) %}json_each('[' || replace(json_quote({{ list }}), ',', '","') || ']'){% endmacro %}
{% macro duckdb__elements_of(list) -%}
    lateral (select unnest(string_split({{ list }}, ',')) as value, unnest(range(len(string_split({{ list }}, ',')))) as key)
{%- endmacro %}

{# FROM-clause that yields one row per object of a JSON array of failed rules, in their order: columns rule_id, rule_name,
   column_name, action are read from `value` with failed_rule_field. #}
{% macro failed_rules_of(json) %}{{ return(adapter.dispatch('failed_rules_of', 'icon_dbt')(json)) }}{% endmacro %}
{% macro sqlite__failed_rules_of(json) %}json_each({{ json }}) as failed{% endmacro %}
{% macro duckdb__failed_rules_of(json) -%}
    lateral (select unnest(cast({{ json }} as json[])) as value, unnest(range(cast(json_array_length({{ json }}) as bigint))) as key) as failed
{%- endmacro %}

{% macro failed_rule_field(name) %}{{ return(adapter.dispatch('failed_rule_field', 'icon_dbt')(name)) }}{% endmacro %}
{% macro sqlite__failed_rule_field(name) %}json_extract(failed.value, '$.{{ name }}'){% endmacro %}
{% macro duckdb__failed_rule_field(name) %}json_extract_string(failed.value, '$.{{ name }}'){% endmacro %}

{# The distinct values of a group as a JSON array of text, each at its first place by `place`. Rows come by `place` already:
   SQLite takes them as they come. #}
{% macro json_list_of(text, place) %}{{ return(adapter.dispatch('json_list_of', 'icon_dbt')(text, place)) }}{% endmacro %}
{% macro sqlite__json_list_of(text, place) %}json_group_array(distinct {{ text }}){% endmacro %}
{% macro duckdb__json_list_of(text, place) -%}
    coalesce(cast(to_json(list_filter(array_agg({{ text }} order by {{ place }}),
        lambda _element, _at: list_position(array_agg({{ text }} order by {{ place }}), _element) = _at)) as text), '[]')
{%- endmacro %}

{# Values of a group joined by `separator`, by `place`; rows come by `place` already, as above. As a window function it takes no
   place: the window has an order. #}
{% macro joined(text, separator, place=none) %}{{ return(adapter.dispatch('joined', 'icon_dbt')(text, separator, place)) }}{% endmacro %}
{% macro sqlite__joined(text, separator, place) %}group_concat({{ text }}, '{{ separator }}'){% endmacro %}
{% macro duckdb__joined(text, separator, place) %}string_agg({{ text }}, '{{ separator }}'{{ ' order by ' ~ place if place }}){% endmacro %}
