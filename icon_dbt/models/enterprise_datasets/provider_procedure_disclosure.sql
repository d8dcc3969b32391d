with case_mix as (
    select npi, cpt, encounters from {{ ref('provider_case_mix') }}
),

counts as (
    select npi, cpt, sum(encounters) as n
    from case_mix
    group by npi, cpt
),

small as (
    select
        *,
        count(*) over (partition by npi) as procedures,
        case when n < {{ var('small_cell_size') }} then 1 else 0 end as is_hidden
    from counts
),

-- hiding along one line can leave a single hidden cell in another: in turn, until it settles
{{ hidden_cells('by_procedure', 'small', 'cpt') }},

{{ hidden_cells('by_provider', 'by_procedure', 'npi') }},

{{ hidden_cells('by_procedure_again', 'by_provider', 'cpt') }},

{{ hidden_cells('by_provider_again', 'by_procedure_again', 'npi') }},

{{ hidden_cells('settled', 'by_provider_again', 'cpt') }},

final as (
    select
        npi,
        cpt,
        cast(n as integer) as n,
        cast(is_hidden as integer) as suppressed,
        cast(case
            when is_hidden = 0 then 'shown'
            when n < {{ var('small_cell_size') }} then 'small'
            else 'complement'
        end as text) as reason,
        {{ build_columns() }}
    from settled
)

select * from final
