{#
  No feature gives the label away, and none was known after the moment of its row. Every column is taken for a feature
  unless `no_features` names it, so that one that somebody adds is judged. A column whose values for one label all lie
  beyond those for the other is the label under another name (five values of each at least). So is one that is higher, or
  lower, for the events of every cell of `within` in which it differs (twenty such cells at least: by chance once in
  500,000).
#}
{% test no_leakage(model, label, no_features, within, known_at='features_known_at', moment='event_timestamp') %}
{%- set columns = adapter.get_columns_in_relation(model) | map(attribute='name') | list if execute else [label] -%}
{%- set features = columns | reject('in', no_features + [label]) | list -%}
{%- set judged = features | reject('in', within) | list -%}
with training_rows as {{ materialized_cte() }} (
    select * from {{ model }}
),

cells as {{ materialized_cte() }} (
    select
        {%- for feature in judged %}
        {%- for value in [0, 1] %}
        min(case when {{ label }} = {{ value }} then {{ feature }} end) as lo{{ value }}_{{ feature }},
        max(case when {{ label }} = {{ value }} then {{ feature }} end) as hi{{ value }}_{{ feature }},
        {%- endfor %}
        {%- endfor %}
        count(*) as n
    from training_rows
    group by {{ within | join(', ') }}
),

extremes as (
    select
        {%- for feature in features %}
        {%- for value in [0, 1] %}
        count(case when {{ label }} = {{ value }} then {{ feature }} end) as n{{ value }}_{{ feature }},
        min(case when {{ label }} = {{ value }} then {{ feature }} end) as lo{{ value }}_{{ feature }},
        max(case when {{ label }} = {{ value }} then {{ feature }} end) as hi{{ value }}_{{ feature }},
        {%- endfor %}
        {%- endfor %}
        count(*) as n
    from training_rows
),

differing as (
    select
        {%- for feature in judged %}
        sum(case when lo0_{{ feature }} <> hi1_{{ feature }} or lo1_{{ feature }} <> hi0_{{ feature }} then 1 else 0 end) as cells_{{ feature }},
        sum(case when hi0_{{ feature }} < lo1_{{ feature }} then 1 else 0 end) as higher_{{ feature }},
        sum(case when hi1_{{ feature }} < lo0_{{ feature }} then 1 else 0 end) as lower_{{ feature }},
        {%- endfor %}
        count(*) as n
    from cells
),

leaks as (
    {%- for feature in features %}
    select '{{ feature }}' as column_name, 'separates the labels' as problem, n as failing_rows
    from extremes
    where n0_{{ feature }} >= 5 and n1_{{ feature }} >= 5
        and (hi0_{{ feature }} < lo1_{{ feature }} or hi1_{{ feature }} < lo0_{{ feature }})
    union all
    {%- endfor %}
    {%- for feature in judged %}
    select '{{ feature }}', 'separates the labels within every cell', cells_{{ feature }}
    from differing
    where cells_{{ feature }} >= 20 and cells_{{ feature }} in (higher_{{ feature }}, lower_{{ feature }})
    union all
    {%- endfor %}
    select '{{ known_at }}', 'later than {{ moment }}', count(*)
    from training_rows
    where {{ known_at }} > {{ moment }}
    having count(*) > 0
)

select * from leaks
{% endtest %}
