{# Rows held back, each with every rule that does so. #}
{% macro quarantined_rows(entity, columns) %}
with checked as (

    select * from {{ ref('row_verdicts_' ~ entity) }}

),

final as (

    select
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        {{ lineage_columns() }},
        _key,
        (
            select {{ json_list_of(failed_rule_field('rule'), 'failed.key') }}
            from {{ failed_rules_of('checked._failed') }}
            where {{ failed_rule_field('action') }} = 'quarantine'
        ) as rules,
        (
            select min({{ failed_rule_field('rule') }})
            from {{ failed_rules_of('checked._failed') }}
            where {{ failed_rule_field('action') }} = 'quarantine'
        ) as primary_rule,
        _failed as failed_rules
    from checked
    where _status = 'quarantined'

)

select * from final
{% endmacro %}
