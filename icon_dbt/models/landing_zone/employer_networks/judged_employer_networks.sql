{{ config(materialized='table') }}
{{ judged_rows('employer_networks', relations=['contracted_employer'], replaces_list=true) }}
