with case_mix as (
    select npi, cpt, encounters, mature_encounter_count from {{ ref('provider_case_mix') }}
),

counts as (
    select npi, cpt, sum(encounters) as encounter_count, sum(mature_encounter_count) as mature_encounter_count
    from case_mix
    group by npi, cpt
),

-- the thirds by volume are those of volume_outcome, whose sums are shown too
-- an outcome is one of the mature encounters, so they decide what is small; volumes decide the thirds
small as (
    select
        npi,
        cpt,
        encounter_count,
        {{ counted_encounters('counts') }} as counted_encounters,
        count(*) over (partition by npi) as procedure_count,
        1 + {{ whole_quotient('3 * (rank() over (partition by cpt order by encounter_count) - 1)', 'count(*) over (partition by cpt)') }} as tertile,
        case when {{ counted_encounters('counts') }} < {{ var('small_cell_size') }} then 1 else 0 end as is_hidden
    from counts
),

-- hiding along one line can leave a single hidden cell in another: line by line, three times over
{%- set cells = namespace(name='small') %}
{%- for turn in ['first', 'second', 'third'] %}
{%- for line, name in [('cpt, tertile', 'third'), ('cpt', 'procedure'), ('npi', 'provider')] %}

{{ hidden_cells(turn ~ '_by_' ~ name, cells.name, line) }},
{%- set cells.name = turn ~ '_by_' ~ name %}
{%- endfor %}
{%- endfor %}

final as (
    select
        npi,
        cpt,
        cast(encounter_count as {{ integer_type() }}) as encounter_count,
        cast(is_hidden as {{ integer_type() }}) as is_suppressed,
        cast(case
            when is_hidden = 0 then 'shown'
            when counted_encounters < {{ var('small_cell_size') }} then 'small'
            else 'complement'
        end as text) as reason,
        {{ build_columns() }}
    from {{ cells.name }}
)

select * from final
