{{ config(materialized='view') }}

{{ latest_features(['cpt', 'age_band', 'sex'], ref('feat_risk_cell')) }}

select * from final
