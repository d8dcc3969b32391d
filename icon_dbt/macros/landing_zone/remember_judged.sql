{# What the incremental build remembers between runs. All of it is written in the transaction of the tables it describes,
   so a build that dies forgets nothing and repeats nothing.

   ops_judged_loads, ops_judged_decisions   what has been taken into account
   ops_judged_rules                         the rule set and reference lists with which each source was judged
   ops_changed_rows                         rows whose verdict changed since silver last read them
   ops_changes, ops_change_readers          the same for the rules after promotion: see verdict_journal.sql, verdict_reviews.sql

   This runs after a landing zone that succeeded: it remembers what was judged, and drops the working tables. #}
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
