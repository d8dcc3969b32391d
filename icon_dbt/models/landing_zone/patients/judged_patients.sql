{{ config(materialized='table') }}
{{ judged_rows('patients') }}
