{{ config(materialized='view') }}

{{ latest_features(['delivery_group', 'npi', 'cpt', 'age_band', 'sex'], ref('training_provider_history')) }}

select * from final
