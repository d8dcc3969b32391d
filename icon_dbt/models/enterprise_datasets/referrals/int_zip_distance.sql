{# Rows stand in the order of practices, and the index holds none of them: by distance they would tell the ZIP of a patient. #}
{{ config(post_hook=index_on(['from_zip5', 'distance_score'])) }}

with referrals as (
    select distinct employer_id, zip5 from {{ ref('std_referrals') }}
),

options as (
    select distinct employer_id, zip5 from {{ ref('network_option') }}
),

places as (
    select * from {{ ref('zip_centroid') }}
),

asked as (
    select distinct coalesce(zip5, 'unknown') as zip5 from referrals
),

offered as (
    select distinct zip5 from options
),

asked_places as (
    select asked.zip5, places.latitude, places.longitude
    from asked
    left join places on asked.zip5 = places.zip5
),

offered_places as (
    select offered.zip5, places.latitude, places.longitude
    from offered
    left join places on offered.zip5 = places.zip5
),

measured as (
    select
        asked_places.zip5 as from_zip5,
        offered_places.zip5 as to_zip5,
        {{ great_circle_miles('asked_places.latitude', 'asked_places.longitude', 'offered_places.latitude', 'offered_places.longitude') }}
            as miles
    from asked_places
    cross join offered_places
),

final as (
    select
        cast(from_zip5 as text) as from_zip5,
        to_zip5,
        cast(miles as {{ float_type() }}) as miles,
        cast({{ distance_score('miles') }} as {{ float_type() }}) as distance_score,
        {{ build_columns() }}
    from measured
)

select * from final
order by to_zip5, from_zip5
