{# The gate: rows whose verdict is promoted. #}
{% macro promoted_rows(entity, columns) %}
with checked as (

    select * from {{ ref('row_verdicts_' ~ entity) }}

),

final as (

    select
        {%- for column in columns %}
        {{ column }},
        {%- endfor %}
        {{ lineage_columns() }}
    from checked
    where _status = 'promoted'

)

select * from final
{% endmacro %}
