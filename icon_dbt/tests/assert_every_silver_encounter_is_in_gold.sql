-- the same encounters, as many as in silver: a join that drops or doubles rows would show here
select gold.row_count as gold, silver.row_count as silver
from (select count(*) as row_count from {{ ref('fct_encounter') }}) as gold
cross join (select count(*) as row_count from {{ ref('std_encounters') }}) as silver
where gold.row_count <> silver.row_count
