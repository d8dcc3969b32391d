{{ config(materialized='view') }}

{{ latest_features(['patient_id'], ref('feat_patient')) }}

select * from final
