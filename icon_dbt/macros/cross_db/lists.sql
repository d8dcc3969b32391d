{# Lists inside one value: where engines differ most. #}

{# A delivered list as a comma list: without brackets, quotes and backslashes; line breaks, tabs, semicolons and bars separate
   as well. Empty text for no list. #}
{% macro comma_list(text) -%}
    {%- set list = ["coalesce(" ~ text ~ ", '')"] -%}
    {%- for dropped in ["'['", "']'", "'\"'", "'\\'"] -%}
        {%- do list.append("replace(" ~ list[-1] ~ ", " ~ dropped ~ ", '')") -%}
    {%- endfor -%}
    {%- for separator in ["';'", "'|'", "char(9)", "char(10)", "char(13)"] -%}
        {%- do list.append("replace(" ~ list[-1] ~ ", " ~ separator ~ ", ',')") -%}
    {%- endfor -%}
    {{ list[-1] }}
{%- endmacro %}

{# FROM-clause that yields one row per element of a comma list: columns `key` (position from 0) and `value`. #}
{% macro elements_of(list) %}{{ return(adapter.dispatch('elements_of', 'icon_dbt')(list)) }}{% endmacro %}
{% macro default__elements_of(list) %}unnest(string_to_array({{ list }}, ',')) with ordinality as element(value, key){% endmacro %}
{# json_quote makes a JSON text of whatever stands in the value; pasted quotes would break at a line break or a backslash. #}
{% macro sqlite__elements_of(list) %}json_each('[' || replace(json_quote({{ list }}), ',', '","') || ']'){% endmacro %}

{# FROM-clause that yields one row per object of a JSON array of failed rules: columns rule_id, rule_name, column_name, action
   are read from `value` with failed_rule_field. #}
{% macro failed_rules_of(json) %}{{ return(adapter.dispatch('failed_rules_of', 'icon_dbt')(json)) }}{% endmacro %}
{% macro default__failed_rules_of(json) %}json_array_elements(cast({{ json }} as json)) as failed(value){% endmacro %}
{% macro sqlite__failed_rules_of(json) %}json_each({{ json }}) as failed{% endmacro %}

{% macro failed_rule_field(name) %}{{ return(adapter.dispatch('failed_rule_field', 'icon_dbt')(name)) }}{% endmacro %}
{% macro default__failed_rule_field(name) %}failed.value ->> '{{ name }}'{% endmacro %}
{% macro sqlite__failed_rule_field(name) %}json_extract(failed.value, '$.{{ name }}'){% endmacro %}

{# The distinct values of a group as a JSON array of text. #}
{% macro json_list_of(text) %}{{ return(adapter.dispatch('json_list_of', 'icon_dbt')(text)) }}{% endmacro %}
{% macro default__json_list_of(text) %}to_json(array_agg(distinct {{ text }})){% endmacro %}
{% macro sqlite__json_list_of(text) %}json_group_array(distinct {{ text }}){% endmacro %}
