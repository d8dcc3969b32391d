{#
    CTEs `name`: the rows of `units` with `is_pooled`. The units that are small (`is_small` 1) share what is published of them, with the
    next smallest ones, until their sums give none of them away: at least two units with outcomes, small_cell_size outcomes or more, and
    some events but not all. Where no number of units is enough, all are pooled; without a small unit none is.

    units   a CTE with the columns is_small, mature_encounter_count, observed_count, those of `within` and `keys`
    within  columns inside which units are pooled; none: all of them together
    keys    columns that order units of one size
#}
{% macro pooled_units(name, units, within, keys) -%}
{%- set part = 'partition by ' ~ within if within else '' -%}
{{ name }}_ordered as (
    select
        *,
        sum(is_small) over ({{ part }}) as small_units,
        count(*) over ({{ part }}) as all_units,
        row_number() over ordered as place,
        sum(case when mature_encounter_count > 0 then 1 else 0 end) over ordered as running_units,
        sum(mature_encounter_count) over ordered as running_mature,
        sum(observed_count) over ordered as running_observed
    from {{ units }}
    window ordered as ({{ part }} order by is_small desc, mature_encounter_count, {{ keys }} rows between unbounded preceding and current row)
),

{{ name }} as (
    select
        *,
        case
            when small_units = 0 then 0
            when place <= min(case
                when place >= small_units
                    and running_units >= 2
                    and running_mature >= {{ var('small_cell_size') }}
                    and running_observed > 0
                    and running_observed < running_mature
                    then place
                else all_units
            end) over ({{ part }}) then 1
            else 0
        end as is_pooled
    from {{ name }}_ordered
)
{%- endmacro %}
