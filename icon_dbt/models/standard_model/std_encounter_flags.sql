{{ config(materialized='table', post_hook="{{ index_on(['encounter_id', 'rule_id'], unique=true) }}") }}
-- what rules remark on encounters that passed: gold takes its flags from here and judges no rule a second time. Made anew
-- each time, since a remark can come or go without a change of the row.
with failures as (

    select _row_id, rule_id from {{ ref('dq_encounters') }} where action = 'flag'

),

promoted as (

    select _row_id, encounter_id from {{ ref('promoted_encounters') }}

),

final as (

    select distinct promoted.encounter_id, failures.rule_id
    from failures
    cross join promoted
    where failures._row_id = promoted._row_id

)

select * from final
