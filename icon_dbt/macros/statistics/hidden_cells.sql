{#
  One step of complementary suppression, as the CTE `<name>`: along each line (a provider, a procedure, or its third by volume) that hides a cell,
  the smallest shown ones are hidden too until two cells and small_cell_size encounters are hidden, so that the line's total
  does not give one away. `cells`: npi, cpt, encounter_count, counted_encounters (those that outcomes rest on), procedure_count (of the provider), tertile, is_hidden. A provider's only procedure comes
  last, because the total of such a provider is the cell itself.
#}
{% macro hidden_cells(name, cells, line) -%}
{{ name }}_placed as (
    select
        *,
        sum(is_hidden) over (partition by {{ line }}) as hidden_in_line,
        sum(is_hidden * counted_encounters) over (partition by {{ line }}) as hidden_encounters,
        row_number() over (
            partition by {{ line }}, is_hidden order by case when procedure_count = 1 then 1 else 0 end, counted_encounters, npi, cpt
        ) - 1 as cells_before,
        coalesce(sum(counted_encounters) over (
            partition by {{ line }}, is_hidden order by case when procedure_count = 1 then 1 else 0 end, counted_encounters, npi, cpt
            rows between unbounded preceding and 1 preceding
        ), 0) as encounters_before
    from {{ cells }}
),

{{ name }} as (
    select
        npi,
        cpt,
        encounter_count,
        counted_encounters,
        procedure_count,
        tertile,
        case
            when is_hidden = 1 then 1
            when hidden_in_line = 0 then 0
            when hidden_in_line + cells_before < 2 then 1
            when hidden_encounters + encounters_before < {{ var('small_cell_size') }} then 1
            else 0
        end as is_hidden
    from {{ name }}_placed
)
{%- endmacro %}
