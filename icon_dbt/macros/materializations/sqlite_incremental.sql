{# Replace the rows of `target_relation` that have a key in `tmp_relation`.
   Composite keys work, and a column that left the model is an error: stock SQLite would read "cpt" as the text 'cpt'. #}
{% macro sqlite_incremental_upsert(tmp_relation, target_relation, unique_key=none, statement_name="main") %}
    {%- set known = adapter.get_columns_in_relation(target_relation) | map(attribute='name') | list -%}
    {%- set built = adapter.get_columns_in_relation(tmp_relation) | map(attribute='name') | list -%}
    {%- set added = built | reject('in', known) | list -%}
    {%- set gone = known | reject('in', built) | list -%}
    {%- if gone or (added and config.get('on_schema_change') != 'append_new_columns') -%}
        {{ exceptions.raise_compiler_error(
            target_relation.identifier ~ ': columns changed (added ' ~ added ~ ', gone ' ~ gone ~ '): run it with --full-refresh') }}
    {%- endif -%}
    {%- for column in added -%}
        {%- do run_query('alter table ' ~ target_relation ~ ' add column [' ~ column ~ ']') -%}
    {%- endfor -%}
    {#- a table that was built before an index was declared gets it now; the others stand already #}
    {%- do create_indexes(target_relation) -%}
    {%- set columns = '[' ~ (built | join('], [')) ~ ']' -%}
    {%- if unique_key -%}
        {%- set keys = '[' ~ (([unique_key] if unique_key is string else unique_key) | join('], [')) ~ ']' -%}
        {% call statement('sqlite_incremental_delete') -%}
            delete from {{ target_relation }} where ({{ keys }}) in (select {{ keys }} from {{ tmp_relation }})
        {%- endcall %}
    {%- endif %}
    insert into {{ target_relation }} ({{ columns }}) select {{ columns }} from {{ tmp_relation }}
{%- endmacro %}

{# The `indexes` config, with an optional `where` for a partial index. #}
{% macro sqlite__get_create_index_sql(relation, index_dict) -%}
    {%- set columns = index_dict['columns'] -%}
    {%- set name = 'ix_' ~ relation.identifier ~ '__' ~ (index_dict.get('name') or (columns | join('_'))) -%}
    create {% if index_dict.get('unique') %}unique {% endif %}index if not exists {{ relation.schema }}."{{ name }}"
    on "{{ relation.identifier }}" ({{ columns | join(', ') }})
    {%- if index_dict.get('where') %} where {{ index_dict['where'] }}{% endif %}
{%- endmacro %}
