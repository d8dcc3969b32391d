{{ config(materialized='view') }}

{{ latest_features(['encounter_id'], ref('training_encounter_fact')) }}

select * from final
