{# What changed, for whoever must look again: row_verdicts_<entity> writes the old and the new values of each changed row to
   ops_changes. Who reads them: verdict_reviews.sql. #}

{# Columns by which the rules after promotion find their partners. #}
{% macro _partner_columns() %}{{ return(['patient_id', 'birth_date', 'gender', 'npi', 'cpt', 'employer_id']) }}{% endmacro %}

{# Before row_verdicts_<entity> is written. Verdicts that begin anew are nobody's delta: every model that reads them starts over. #}
{% macro journal_old_values(entity) -%}
    {%- if execute and (flags.FULL_REFRESH or not load_relation(this)) -%}
        delete from ops_change_readers where reader in ({{ text_list(_readers_of(this.identifier)) }})
    {%- else -%}
        {{ _journal_values(entity, this, '_row_id in (select _row_id from ' ~ ref('int_' ~ entity ~ '_verdicts') ~ ' where _is_changed = 1)') }}
    {%- endif -%}
{%- endmacro %}

{# The dq_ models that look at this table. They are built after it, so none has signed in during this build. #}
{% macro _readers_of(table) -%}
    {%- set readers = [] -%}
    {%- for node in (graph.nodes.values() if execute else []) if node.resource_type == 'model' and node.name.startswith('dq_') -%}
        {%- if 'model.' ~ project_name ~ '.' ~ table in node.depends_on.nodes -%}{%- do readers.append(node.name) -%}{%- endif -%}
    {%- endfor -%}
    {{ return(readers | sort) }}
{%- endmacro %}

{# After it. A reader that has not signed in yet reads everything, so there is nobody to tell. #}
{% macro journal_new_values(entity) -%}
    {{ _journal_values(entity, ref('int_' ~ entity ~ '_verdicts'),
        '_is_changed = 1 and exists (select 1 from ops_change_readers where reader in (' ~ text_list(_readers_of('row_verdicts_' ~ entity)) ~ '))') }}
{%- endmacro %}

{# One line a row: its source, its id, and the columns by which it is found. #}
{% macro _journal_values(entity, relation, condition) -%}
    {%- set known = declared_columns(entity) | map(attribute='name') | list -%}
    insert into ops_changes (entity, row_id, {{ _partner_columns() | join(', ') }})
    select '{{ entity }}', _row_id
        {%- for column in _partner_columns() %}, {{ column if column in known else 'null' }}{% endfor %}
    from {{ relation }}
    where {{ condition }}
{%- endmacro %}
