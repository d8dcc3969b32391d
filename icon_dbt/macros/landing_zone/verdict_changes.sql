{# Who must look again when verdicts change. row_verdicts_<entity> writes the old and the new values of each changed row to
   ops_changes; each dq_<entity> remembers in ops_change_readers how far it has read, and by which rules and lists. #}

{# Columns by which the rules after promotion find their partners. #}
{% macro partner_columns() %}{{ return(['patient_id', 'birth_date', 'gender', 'npi', 'cpt', 'employer_id']) }}{% endmacro %}

{# The verdicts that an earlier build left. row_verdicts_<entity> is made from the models that read them, so they are no `ref`, which
   would close a circle, but a source: what stood before this build. #}
{% macro earlier_verdicts(entity) %}{{ return(source('earlier_build', 'row_verdicts_' ~ entity)) }}{% endmacro %}

{# Whether there are any. What a unit test gives in their place stands in no schema. #}
{% macro has_earlier_verdicts(entity) %}
    {%- set relation = earlier_verdicts(entity) -%}
    {{ return(execute and relation.schema is not none and load_relation(relation) is not none) }}
{% endmacro %}

{# Before row_verdicts_<entity> is written. Verdicts that begin anew are nobody's delta: every model that reads them starts over. #}
{% macro journal_old_values(entity) -%}
    {%- if execute and (flags.FULL_REFRESH or not load_relation(this)) -%}
        delete from ops_change_readers where reader in ({{ text_list(readers_of(this.identifier)) }})
    {%- else -%}
        {{ journal_values(entity, this, '_row_id in (select _row_id from ' ~ ref('int_' ~ entity ~ '_verdicts') ~ ' where _is_changed = 1)') }}
    {%- endif -%}
{%- endmacro %}

{# The dq_ models that look at this table. They are built after it, so none has signed in during this build. #}
{% macro readers_of(table) -%}
    {%- set readers = [] -%}
    {%- for node in (graph.nodes.values() if execute else []) if node.resource_type == 'model' and node.name.startswith('dq_') -%}
        {%- if 'model.' ~ project_name ~ '.' ~ table in node.depends_on.nodes -%}{%- do readers.append(node.name) -%}{%- endif -%}
    {%- endfor -%}
    {{ return(readers | sort) }}
{%- endmacro %}

{# The sources whose verdicts a dq_ model looks at, as its refs say: changes of others are nothing to it. #}
{% macro sources_read_by(reader) -%}
    {%- set prefix = 'model.' ~ project_name ~ '.row_verdicts_' -%}
    {%- set sources = [] -%}
    {%- for node in (graph.nodes.values() if execute else []) if node.resource_type == 'model' and node.name == reader -%}
        {%- for parent in node.depends_on.nodes if parent.startswith(prefix) -%}{%- do sources.append(parent[prefix | length:]) -%}{%- endfor -%}
    {%- endfor -%}
    {{ return(sources | unique | sort) }}
{%- endmacro %}

{# After it. A reader that has not signed in yet reads everything, so there is nobody to tell. #}
{% macro journal_new_values(entity) -%}
    {{ journal_values(entity, ref('int_' ~ entity ~ '_verdicts'),
        '_is_changed = 1 and exists (select 1 from ops_change_readers where reader in (' ~ text_list(readers_of('row_verdicts_' ~ entity)) ~ '))') }}
{%- endmacro %}

{% macro journal_values(entity, relation, condition) -%}
    {%- set known = declared_columns(entity) | map(attribute='name') | list -%}
    insert into ops_changes (entity, row_id, {{ partner_columns() | join(', ') }})
    select '{{ entity }}', _row_id
        {%- for column in partner_columns() %}, {{ column if column in known else 'null' }}{% endfor %}
    from {{ relation }}
    where {{ condition }}
{%- endmacro %}

{# What besides rows decides the rules after promotion: the rules, the reference lists, and which sources have rows at all.
   An expression and no value: whichever sources came, the statements of a build are the same. #}
{% macro review_fingerprint(entity, sources) %}
    {%- set parts = ["'" ~ local_md5(tojson(declared_rules(entity, 'after_promotion')) ~ '#' ~ reference_lists(entity, 'after_promotion')) ~ "'"] -%}
    {%- for name in sources -%}
        {%- do parts.append('cast((select count(*) from (select 1 from ' ~ standing(name) ~ ' as standing limit 1) as any_row) as text)') -%}
    {%- endfor -%}
    {{ return(parts | join(" || '#' || ")) }}
{% endmacro %}

{# True when dq_<entity> stands and is judged by the same rules: then only what a change concerns can differ. #}
{% macro reviews_changes_only(entity, sources) %}
    {%- if not execute or flags.FULL_REFRESH or not load_relation(this) -%}{{ return(false) }}{%- endif -%}
    {%- set same = "select count(*) from ops_change_readers where reader = '" ~ this.identifier ~ "' and fingerprint = " ~ review_fingerprint(entity, sources) -%}
    {{ return(run_query(same).columns[0].values()[0] | int == 1) }}
{% endmacro %}

{# Changes of the sources that this model looks at, since it last did. #}
{% macro unread_changes() -%}
    (select * from ops_changes
    where change_id > coalesce((select change_id from ops_change_readers where reader = '{{ this.identifier }}'), 0)
        and entity in ({{ text_list(sources_read_by(this.identifier)) }}))
{%- endmacro %}

{% macro remember_review(entity, sources) -%}
    {%- if execute -%}
        {{ put_row('ops_change_readers', ['reader', 'change_id', 'fingerprint'],
            "select '" ~ this.identifier ~ "', coalesce((select max(change_id) from ops_changes), (select max(change_id) from ops_change_readers), 0), "
            ~ review_fingerprint(entity, sources) ~ " where true") }}
    {%- endif -%}
{%- endmacro %}

{# Fills ops_rows_to_review with the rows of dq_<entity> whose verdict can differ from what it says, and takes them out. #}
{% macro find_rows_to_review(entity, sources) -%}
    {%- if reviews_changes_only(entity, sources) -%}
        {{ add_new_keys('ops_rows_to_review', "select '" ~ entity ~ "', _row_id from ("
            ~ rows_to_review(entity, declared_rules(entity, 'after_promotion')) ~ ') as touched where true') }}
    {%- else -%}
        select 1
    {%- endif -%}
{%- endmacro %}

{% macro forget_reviewed_rows(entity, sources) -%}
    {%- if reviews_changes_only(entity, sources) -%}
        delete from {{ this }} where _row_id in (select row_id from ops_rows_to_review where entity = '{{ entity }}')
    {%- elif execute and not flags.FULL_REFRESH and load_relation(this) -%}
        delete from {{ this }}
    {%- else -%}
        select 1
    {%- endif -%}
{%- endmacro %}
