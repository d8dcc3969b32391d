{{ config(materialized='view') }}

{{ latest_features(['npi'], ref('feat_provider')) }}

select * from final
