{# True when only what changed must be judged: the verdicts exist, the rules are the same and no full refresh was asked for. #}
{% macro judges_changes_only(entity) %}
    {%- if flags.FULL_REFRESH or not has_earlier_verdicts(entity) -%}{{ return(false) }}{%- endif -%}
    {%- set same = "select count(*) from ops_judged_rules where entity = '" ~ entity ~ "' and fingerprint = '" ~ rule_fingerprint(entity) ~ "'" -%}
    {{ return(run_query(same).columns[0].values()[0] | int == 1) }}
{% endmacro %}
