{{ config(materialized='view') }}

{{ latest_features(['cpt'], ref('feat_procedure')) }}

select * from final
