with m as (
    select * from {{ ref('std_employer_networks') }}
),

providers as (
    select * from {{ ref('std_providers') }}
),

listed as (
    select
        m.employer_id,
        m.npi,
        m.listed_raw,
        {{ cleaned('identifier', stripped('m.listed_raw')) }} as normalised_npi,
        case when {{ passes__luhn('npi') }} then 1 else 0 end as is_luhn_valid,
        {{ if_known(['providers'], 'case when m.npi in (select npi from providers) then 1 else 0 end') }} as is_in_directory
    from m
),

performed as (
    select npi, count(*) as encounters, max(_loaded_at) as last_seen
    from {{ ref('std_encounters') }}
    group by npi
),

judged as (
    select
        listed.*,
        {{ counted(['encounters'], 'performed.encounters') }} as encounters,
        performed.last_seen,
        case
            when listed.is_luhn_valid = 0 then 'malformed'
            when listed.is_in_directory = 0 then 'unknown'
            when listed.is_in_directory = 1 and coalesce(listed.listed_raw, '') <> listed.npi then 'repaired'
            when performed.encounters > 0 then 'active'
            when {{ is_known(['encounters']) }} then 'never_used'
        end as status
    from listed
    left join performed on listed.npi = performed.npi
),

final as (
    select
        employer_id,
        npi,
        cast(listed_raw as text) as listed_raw,
        cast(normalised_npi as text) as normalised_npi,
        cast(is_luhn_valid as {{ integer_type() }}) as is_luhn_valid,
        cast(is_in_directory as {{ integer_type() }}) as is_in_directory,
        cast(encounters as {{ integer_type() }}) as encounters,
        cast(last_seen as text) as last_seen,
        cast(status as text) as status,
        cast(case
            when status = 'repaired' and normalised_npi = npi then 'Recognised only after cleaning: ask the employer to list the NPI as it stands here.'
            when status = 'repaired' then 'Corrected by a steward: ask the employer to list the NPI as it stands here.'
            when status = 'malformed' then 'The check digit is wrong: ask the employer for the NPI.'
            when status = 'unknown' then 'No provider row carries this NPI: deliver the provider, or correct the list.'
            when status = 'never_used' then 'No encounter to date: ask whether the contract is in use.'
        end as text) as suggestion,
        {{ build_columns() }}
    from judged
)

select * from final
