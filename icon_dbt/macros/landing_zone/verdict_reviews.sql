{# Who looks again when verdicts change: each dq_<entity> remembers in ops_change_readers how far it has read the journal
   (verdict_journal.sql), and by which rules and lists it judged. #}

{# The sources whose verdicts a dq_ model looks at, as its refs say: changes of others are nothing to it. #}
{% macro _sources_read_by(reader) -%}
    {%- set prefix = 'model.' ~ project_name ~ '.row_verdicts_' -%}
    {%- set sources = [] -%}
    {%- for node in (graph.nodes.values() if execute else []) if node.resource_type == 'model' and node.name == reader -%}
        {%- for parent in node.depends_on.nodes if parent.startswith(prefix) -%}{%- do sources.append(parent[prefix | length:]) -%}{%- endfor -%}
    {%- endfor -%}
    {{ return(sources | unique | sort) }}
{%- endmacro %}

{# What besides rows decides the rules after promotion: the rules, the reference lists, and which sources have rows at all.
   An expression and no value: whichever sources came, the statements of a build are the same. #}
{% macro _review_fingerprint(entity, sources) %}
    {%- set parts = ["'" ~ local_md5(tojson(declared_rules(entity, 'after_promotion')) ~ '#' ~ reference_lists(entity, 'after_promotion')) ~ "'"] -%}
    {%- for name in sources -%}
        {%- do parts.append('cast((select count(*) from (select 1 from ' ~ standing(name) ~ ' as standing limit 1) as any_row) as text)') -%}
    {%- endfor -%}
    {{ return(parts | join(" || '#' || ")) }}
{% endmacro %}

{# True when dq_<entity> stands and is judged by the same rules: then only what a change concerns can differ. #}
{% macro reviews_changes_only(entity, sources) %}
    {%- if not execute or flags.FULL_REFRESH or not load_relation(this) -%}{{ return(false) }}{%- endif -%}
    {%- set same = "select count(*) from ops_change_readers where reader = '" ~ this.identifier ~ "' and fingerprint = " ~ _review_fingerprint(entity, sources) -%}
    {{ return(run_query(same).columns[0].values()[0] | int == 1) }}
{% endmacro %}

{# Changes of the sources that this model looks at, since it last did. #}
{% macro unread_changes() -%}
    (select * from ops_changes
    where change_id > coalesce((select change_id from ops_change_readers where reader = '{{ this.identifier }}'), 0)
        and entity in ({{ text_list(_sources_read_by(this.identifier)) }}))
{%- endmacro %}

{# After dq_<entity> is written: all changes so far are read. #}
{% macro remember_review(entity, sources) -%}
    {%- if execute -%}
        {{ put_row('ops_change_readers', ['reader', 'change_id', 'fingerprint'],
            "select '" ~ this.identifier ~ "', coalesce((select max(change_id) from ops_changes), (select max(change_id) from ops_change_readers), 0), "
            ~ _review_fingerprint(entity, sources) ~ " where true") }}
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

{# Before it is written: what it says of rows that are looked at again, or all of it. #}
{% macro forget_reviewed_rows(entity, sources) -%}
    {%- if reviews_changes_only(entity, sources) -%}
        delete from {{ this }} where _row_id in (select row_id from ops_rows_to_review where entity = '{{ entity }}')
    {%- elif execute and not flags.FULL_REFRESH and load_relation(this) -%}
        delete from {{ this }}
    {%- else -%}
        select 1
    {%- endif -%}
{%- endmacro %}
