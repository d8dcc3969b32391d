{{ config(materialized='view') }}

{{ latest_features(['referral_id'], ref('feat_referral')) }}

select * from final
