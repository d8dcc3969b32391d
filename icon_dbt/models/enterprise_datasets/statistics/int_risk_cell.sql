with cells as (
    select
        cpt,
        age_band,
        sex,
        sum(encounters) as encounter_count,
        sum(mature_encounter_count) as mature_encounter_count,
        sum(adverse_event_count) as observed_count
    from {{ ref('int_provider_risk_cell') }}
    group by cpt, age_band, sex
),

procedure_sums as (
    select cpt, sum(mature_encounter_count) as mature_encounter_count, sum(observed_count) as observed_count
    from cells
    group by cpt
),

-- of outcomes that are all alike, the sum says what each of them was
procedures as (
    select
        *,
        case
            when mature_encounter_count < {{ var('small_cell_size') }} then 1
            when observed_count = mature_encounter_count then 1
            when observed_count = 0 and mature_encounter_count < {{ var('eventless_procedure_size') }} then 1
            else 0
        end as is_small
    from procedure_sums
),

{{ pooled_units('pooled_procedures', 'procedures', none, 'cpt') }},

placed as (
    select cells.*, case when pooled_procedures.is_pooled = 1 then 'small procedures' else cells.cpt end as procedure_group
    from cells
    inner join pooled_procedures on cells.cpt = pooled_procedures.cpt
),

strata as (
    select procedure_group, age_band, sex, sum(mature_encounter_count) as mature_encounter_count, sum(observed_count) as observed_count
    from placed
    group by procedure_group, age_band, sex
),

sized_strata as (
    select
        *,
        case
            when mature_encounter_count < {{ var('small_cell_size') }} then 1
            when procedure_group = 'small procedures' and (observed_count = 0 or observed_count = mature_encounter_count) then 1
            else 0
        end as is_small
    from strata
),

{{ pooled_units('pooled_strata', 'sized_strata', 'procedure_group', 'age_band, sex') }},

final as (
    select
        placed.cpt,
        placed.age_band,
        placed.sex,
        cast(placed.encounter_count as {{ integer_type() }}) as encounter_count,
        cast(placed.mature_encounter_count as {{ integer_type() }}) as mature_encounter_count,
        cast(placed.observed_count as {{ integer_type() }}) as observed_count,
        cast(case when placed.mature_encounter_count is not null then placed.procedure_group end as text) as procedure_group,
        cast(case
            when placed.mature_encounter_count is null then null
            when strata.is_pooled = 1 then placed.procedure_group || ' small cells'
            else placed.procedure_group || ' ' || placed.age_band || ' ' || placed.sex
        end as text) as risk_group,
        {{ build_columns() }}
    from placed
    inner join pooled_strata as strata
        on placed.procedure_group = strata.procedure_group and placed.age_band = strata.age_band and placed.sex = strata.sex
)

select * from final
