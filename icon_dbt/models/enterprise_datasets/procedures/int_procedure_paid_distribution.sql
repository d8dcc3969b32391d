with encounters as (
    select * from {{ ref('int_encounter_risk_cell') }}
),

amounts as (
    select cpt, paid_cents, count(*) as encounters
    from encounters
    group by cpt, paid_cents
),

placed as (
    select
        *,
        sum(encounters) over (partition by cpt order by paid_cents rows unbounded preceding) as encounters_up_to
    from amounts
),

final as (
    select
        cpt,
        cast(paid_cents as {{ integer_type() }}) as paid_cents,
        cast(encounters as {{ integer_type() }}) as encounters,
        cast(encounters_up_to - encounters as {{ integer_type() }}) as first_place,
        cast(encounters_up_to - 1 as {{ integer_type() }}) as last_place,
        cast(ln(paid_cents / 100.0) as {{ float_type() }}) as ln_paid,
        {{ build_columns() }}
    from placed
)

select * from final
