with encounters as (
    select npi, cpt, paid_cents, patient_id from {{ ref('fct_encounter') }}
),

providers as (
    select npi, substr(zip5, 1, 3) as zip3 from {{ ref('std_providers') }}
),

placed as (
    select
        encounters.*,
        coalesce(providers.zip3, 'unknown') as zip3
    from encounters
    left join providers on encounters.npi = providers.npi
),

counts as (
    select
        cpt,
        zip3,
        count(*) as encounter_count,
        count(distinct npi) as providers,
        count(distinct patient_id) as patients
    from placed
    group by cpt, zip3
),

-- the smallest areas of a procedure come first; the running sum is of those before
ordered as (
    select
        *,
        row_number() over (partition by cpt order by patients, zip3) as place,
        coalesce(sum(patients) over (partition by cpt order by patients, zip3 rows between unbounded preceding and 1 preceding), 0)
            as patients_before,
        min(patients) over (partition by cpt) as least_patients
    from counts
),

-- one hidden area alone could be had by subtraction: hide the next smallest too, until two areas and enough patients are hidden
judged as (
    select
        *,
        case
            when least_patients >= {{ var('small_cell_size') }} then 0
            when patients < {{ var('small_cell_size') }} or place <= 2 or patients_before < {{ var('small_cell_size') }} then 1
            else 0
        end as is_suppressed
    from ordered
),

numbered as (
    select
        cpt,
        zip3,
        paid_cents,
        row_number() over (partition by cpt, zip3 order by paid_cents) - 1 as place
    from placed
),

quantiles as (
    select
        numbered.cpt,
        numbered.zip3,
        {%- for share in ['25', '5', '75'] %}
        {{ percentile('numbered.paid_cents', 'numbered.place', 'numbered.place', 'counts.encounter_count', '0.' ~ share) }} as q{{ share }}{{ ',' if not loop.last }}
        {%- endfor %}
    from numbered
    inner join counts on numbered.cpt = counts.cpt and numbered.zip3 = counts.zip3
    group by numbered.cpt, numbered.zip3
),

final as (
    select
        judged.cpt,
        cast(judged.zip3 as text) as zip3,
        cast(case when judged.is_suppressed = 0 then judged.encounter_count end as {{ integer_type() }}) as encounter_count,
        cast(case when judged.is_suppressed = 0 then judged.providers end as {{ integer_type() }}) as providers,
        cast(case when judged.is_suppressed = 0 then quantiles.q25 / 100.0 end as {{ float_type() }}) as paid_p25_usd,
        cast(case when judged.is_suppressed = 0 then quantiles.q5 / 100.0 end as {{ float_type() }}) as paid_median_usd,
        cast(case when judged.is_suppressed = 0 then quantiles.q75 / 100.0 end as {{ float_type() }}) as paid_p75_usd,
        cast(judged.is_suppressed as {{ integer_type() }}) as is_suppressed,
        {{ build_columns() }}
    from judged
    inner join quantiles on judged.cpt = quantiles.cpt and judged.zip3 = quantiles.zip3
)

select * from final
