{{ config(materialized='view') }}

{{ latest_features(['npi', 'cpt'], ref('feat_provider_procedure')) }}

select * from final
