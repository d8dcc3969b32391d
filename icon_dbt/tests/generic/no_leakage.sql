{#
  No feature gives the label away, and none was known after the moment of its row. Every column is taken for a feature
  unless `no_features` names it, so that one that somebody adds is judged. A column whose values for one label all lie
  beyond those for the other is the label under another name (five values of each at least).
#}
{% test no_leakage(model, label, no_features, known_at='features_known_at', moment='event_timestamp') %}
{%- set columns = adapter.get_columns_in_relation(model) | map(attribute='name') | list if execute else [label] -%}
{%- set features = columns | reject('in', no_features + [label]) | list -%}
with training_rows as {{ materialized_cte() }} (
    select * from {{ model }}
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

leaks as (
    {%- for feature in features %}
    select '{{ feature }}' as column_name, 'separates the labels' as problem, n as failing_rows
    from extremes
    where n0_{{ feature }} >= 5 and n1_{{ feature }} >= 5
        and (hi0_{{ feature }} < lo1_{{ feature }} or hi1_{{ feature }} < lo0_{{ feature }})
    union all
    {%- endfor %}
    select '{{ known_at }}', 'later than {{ moment }}', count(*)
    from training_rows
    where {{ known_at }} > {{ moment }}
    having count(*) > 0
)

select * from leaks
{% endtest %}
