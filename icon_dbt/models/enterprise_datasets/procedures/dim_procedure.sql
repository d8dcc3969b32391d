with reference_codes as (
    select * from {{ ref('cpt_code') }}
),

final as (
    select
        cpt,
        plain_label,
        body_region,
        family,
        cast(global_days as {{ integer_type() }}) as global_days,
        cast(age_min as {{ integer_type() }}) as age_min,
        cast(age_max as {{ integer_type() }}) as age_max,
        cast(reference_fee as {{ float_type() }}) as reference_fee_usd,
        {{ build_columns() }}
    from reference_codes
)

select * from final
