{{ config(materialized='view') }}

{{ latest_features(['npi', 'cpt', 'age_band', 'sex', 'label'], ref('training_provider_cell')) }}

select * from final
