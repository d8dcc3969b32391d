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
    {{ return(local_md5(tojson(declared_rules(entity, 'before_promotion')) ~ '#' ~ reference_lists(entity, 'before_promotion'))) }}
{% endmacro %}

{# The content of the reference lists that the rules of a stage name: dbt's checksum of each file, so whatever changes in one counts. #}
{% macro reference_lists(entity, stage) %}
    {%- set parts = [] -%}
    {%- for seed in named_lists(entity, stage) -%}
        {%- if seed.checksum.name == 'path' -%}
            {{ exceptions.raise_compiler_error(seed.name ~ " is above 1 MiB, and of such a file dbt knows only the path: split it, for rules read it") }}
        {%- endif -%}
        {%- do parts.append(seed.name ~ '=' ~ seed.checksum.checksum) -%}
    {%- endfor -%}
    {{ return(parts | join(',')) }}
{% endmacro %}

{# The seeds, as dbt knows them, that the rules of a stage name in their arguments, by name. #}
{% macro named_lists(entity, stage) %}
    {%- set seeds = {} -%}
    {%- for rule in declared_rules(entity, stage) -%}
        {%- for argument, name in rule['arguments'].items() if argument in relation_arguments() and name is string -%}
            {%- set key = 'seed.' ~ project_name ~ '.' ~ name -%}
            {%- if key in graph.nodes -%}{%- do seeds.update({name: graph.nodes[key]}) -%}{%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(seeds.values() | sort(attribute='name')) }}
{% endmacro %}

{# True when only what changed must be judged: the verdicts exist, the rules are the same and no full refresh was asked for. #}
{% macro judges_changes_only(entity) %}
    {%- if flags.FULL_REFRESH or not has_earlier_verdicts(entity) -%}{{ return(false) }}{%- endif -%}
    {%- set same = "select count(*) from ops_judged_rules where entity = '" ~ entity ~ "' and fingerprint = '" ~ rule_fingerprint(entity) ~ "'" -%}
    {{ return(run_query(same).columns[0].values()[0] | int == 1) }}
{% endmacro %}
