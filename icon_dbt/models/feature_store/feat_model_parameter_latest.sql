{{ config(materialized='view') }}

{{ latest_features(['name'], ref('feat_model_parameter')) }}

select * from final
