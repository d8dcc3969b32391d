{# What the incremental build remembers between runs. All of it is written in the transaction of the tables it describes,
   so a build that dies forgets nothing and repeats nothing.

   ops_judged_loads, ops_judged_decisions   what has been taken into account
   ops_judged_rules                         the rule set and reference lists with which each source was judged
   ops_changed_rows                         rows whose verdict changed since silver last read them
   ops_changes, ops_change_readers          the same for the rules after promotion: see verdict_changes.sql #}
{# After a landing zone that succeeded: remember what was judged, and drop the working tables. #}
{% macro remember_judged(results) %}
    {%- if execute and flags.WHICH in ('build', 'run') -%}
        {%- set judged = [] -%}
        {%- set failed = [] -%}
        {%- for result in results -%}
            {%- if result.node.resource_type == 'model' and result.node.name.startswith('row_verdicts_') -%}
                {%- if result.status | string == 'success' -%}{%- do judged.append(result.node.name[13:]) -%}
                {%- else -%}{%- do failed.append(result.node.name) -%}{%- endif -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if not failed -%}
            {#- in the same order whatever order the models ended in: a recorded plan compares word for word -#}
            {%- for entity in judged | sort -%}
                {%- for statement in [
                    "delete from ops_judged_loads where entity = '" ~ entity ~ "'",
                    "insert into ops_judged_loads (load_id, entity, status, gate, date_order, words) select load_id, entity, status, gate, date_order, words from ops_loads where entity = '" ~ entity ~ "'",
                    "delete from ops_judged_decisions where entity = '" ~ entity ~ "'",
                    "insert into ops_judged_decisions select decision_id, entity, kind, row_id, rule_id from ops_decisions where entity = '" ~ entity ~ "'",
                    put_row('ops_judged_rules', ['entity', 'fingerprint'], "select '" ~ entity ~ "', '" ~ rule_fingerprint(entity) ~ "' where true"),
                    "drop table if exists int_" ~ entity ~ "_verdicts",
                    "drop table if exists int_" ~ entity ~ "_scope"] -%}
                    {%- do run_query(statement) -%}
                {%- endfor -%}
            {%- endfor -%}
            {%- do run_query('delete from ops_changes where change_id <= (select min(change_id) from ops_change_readers)') -%}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}

{# The declared rules of a source and the reference lists that they look at: when it changes, every row is judged again. #}
{% macro rule_fingerprint(entity) %}
    {{ return(local_md5(tojson(declared_rules(entity, 'before_promotion')) ~ '#' ~ reference_lists())) }}
{% endmacro %}

{# The reference lists as far as rules look at them; of the long list of ZIPs only sums. #}
{% macro reference_lists() %}
    {%- set parts = [] -%}
    {%- for seed, fields in {'cpt_code': ['cpt', 'reference_fee', 'age_min', 'age_max'], 'contracted_employer': ['employer_id']}.items() -%}
        {%- set relation = load_relation(landing_relation(seed)) -%}
        {%- if relation -%}
            {%- for row in run_query('select ' ~ fields | join(', ') ~ ' from ' ~ relation ~ ' order by 1').rows -%}
                {%- do parts.append(row.values() | join('|')) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set places = load_relation(landing_relation('zip_centroid')) -%}
    {%- if places -%}
        {%- do parts.append(run_query('select count(*), sum(' ~ integer_of_text('zip5') ~ '), max(zip5) from ' ~ places).rows[0].values() | join('|')) -%}
    {%- endif -%}
    {{ return(parts | join(',')) }}
{% endmacro %}

{# True when only what changed must be judged: the verdicts exist, the rules are the same and no full refresh was asked for. #}
{% macro judges_changes_only(entity) %}
    {%- if not execute or flags.FULL_REFRESH -%}{{ return(false) }}{%- endif -%}
    {%- set checked = load_relation(row_verdicts_relation(entity)) -%}
    {%- if checked is none -%}{{ return(false) }}{%- endif -%}
    {%- set known = run_query("select fingerprint from ops_judged_rules where entity = '" ~ entity ~ "'").columns[0].values() -%}
    {{ return(known | length == 1 and known[0] == rule_fingerprint(entity)) }}
{% endmacro %}
