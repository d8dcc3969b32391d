{{ config(materialized='view') }}

{{ latest_features(['employer_id'], ref('feat_employer')) }}

select * from final
