{{ config(materialized='view') }}

-- an order of the providers that only the key of the home gives: the square of a sum, four times over, modulo 2^31 - 1
with providers as (
    select distinct npi from {{ ref('training_encounter_fact') }} where npi is not null
),

key as (
    select * from {{ source('control', 'ops_provider_group_key') }}
),

first_round as (
    select
        providers.npi,
        key.*,
        {{ integer_of_text('providers.npi') }} % 2147483647 as mixed_number
    from providers
    cross join key
),

{%- for turn, before in [('second_round', 'first_round'), ('third_round', 'second_round'), ('fourth_round', 'third_round'), ('mixed', 'fourth_round')] %}

{{ turn }} as (
    select
        npi,
        addend_1,
        addend_2,
        addend_3,
        addend_4,
        ((mixed_number + addend_{{ loop.index }}) % 2147483647) * ((mixed_number + addend_{{ loop.index }}) % 2147483647) % 2147483647 as mixed_number
    from {{ before }}
),
{%- endfor %}

final as (
    select npi, cast(mixed_number as {{ integer_type() }}) as group_order from mixed
)

select * from final
