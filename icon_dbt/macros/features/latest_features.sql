{# The newest version of every entity that is still there: the online view of a feature table. #}
{% macro latest_features(keys, relation) -%}
{{- config(contract={'enforced': false}) -}}
with newest as {{ materialized_cte() }} (
    select {{ keys | join(', ') }}, max(row_version) as row_version
    from {{ relation }}
    group by {{ keys | join(', ') }}
),

versions as (
    select * from {{ relation }}
),

final as (
    select versions.*
    from newest
    inner join versions
        on {% for key in keys %}newest.{{ key }} = versions.{{ key }} and {% endfor %}newest.row_version = versions.row_version
    where versions.is_retired = 0
)
{%- endmacro %}
