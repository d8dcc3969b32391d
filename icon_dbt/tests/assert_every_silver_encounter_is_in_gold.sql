-- the same encounters, as many as in silver: a join that drops or doubles rows would show here
with gold as (
    select count(*) as row_count from {{ ref('fct_encounter') }}
),

silver as (
    select count(*) as row_count from {{ ref('std_encounters') }}
)

select gold.row_count as gold, silver.row_count as silver
from gold
cross join silver
where gold.row_count <> silver.row_count
