{{ config(materialized='table') }}
-- a version counts from the load that brought it, whoever corrected it when: so a full refresh tells the same history
with entries as (

    select
        npi, provider_name, zip5, zip4, _row_id, _load_id, _loaded_at, _load_seq,
        row_number() over (partition by npi, _load_seq order by _source_row_number desc, _position desc) as recency
    from {{ ref('row_verdicts_providers') }}
    where _status = 'promoted' or (_status = 'superseded' and not {{ contains('_failed', "'\"quarantine\"'") }})

),

versions as (

    select
        *,
        lead(_loaded_at) over (partition by npi order by _load_seq) as valid_to,
        lead(_load_id) over (partition by npi order by _load_seq) as ended_by
    from entries
    where recency = 1

),

listed as (

    select employer_id, npi, _content, _status, _failed, _row_id, _load_id, _loaded_at, _load_seq
    from {{ ref('row_verdicts_employer_networks') }}
    where employer_id is not null and _is_held = 0 and _status <> 'rejected'

),

lists as (

    select
        employer_id, _load_seq, min(_load_id) as _load_id, min(_loaded_at) as _loaded_at,
        row_number() over (partition by employer_id order by _load_seq) as list_number
    from listed
    group by employer_id, _load_seq

),

-- an entry that was sent again unchanged is judged where it came first
valid as (

    select distinct employer_id, npi, _content
    from listed
    where _status = 'promoted' or (_status = 'superseded' and not {{ contains('_failed', "'\"quarantine\"'") }})

),

members as (

    select listed.employer_id, listed.npi, lists.list_number, min(listed._row_id) as _row_id
    from listed
    inner join valid on listed.employer_id = valid.employer_id and listed.npi = valid.npi and listed._content = valid._content
    inner join lists on listed.employer_id = lists.employer_id and listed._load_seq = lists._load_seq
    group by listed.employer_id, listed.npi, lists.list_number

),

runs as (

    select *, list_number - row_number() over (partition by employer_id, npi order by list_number) as unbroken_run from members

),

spans as (

    select employer_id, npi, min(list_number) as first_list, max(list_number) as last_list, min(_row_id) as _row_id
    from runs
    group by employer_id, npi, unbroken_run

),

aspects as (

    select
        npi,
        'entry' as aspect,
        null as employer_id,
        provider_name,
        zip5,
        zip4,
        _loaded_at as valid_from,
        valid_to,
        _load_id as begun_by,
        ended_by,
        _row_id
    from versions
    union all
    select
        spans.npi,
        'network' as aspect,
        spans.employer_id,
        null as provider_name,
        null as zip5,
        null as zip4,
        begun._loaded_at as valid_from,
        ended._loaded_at as valid_to,
        begun._load_id as begun_by,
        ended._load_id as ended_by,
        spans._row_id
    from spans
    inner join lists as begun on spans.employer_id = begun.employer_id and spans.first_list = begun.list_number
    left join lists as ended on spans.employer_id = ended.employer_id and spans.last_list + 1 = ended.list_number

),

final as (

    select
        cast(npi as text) as npi,
        cast(aspect as text) as aspect,
        cast(employer_id as text) as employer_id,
        cast(provider_name as text) as provider_name,
        cast(zip5 as text) as zip5,
        cast(zip4 as text) as zip4,
        cast(valid_from as text) as valid_from,
        cast(valid_to as text) as valid_to,
        cast(begun_by as text) as begun_by,
        cast(ended_by as text) as ended_by,
        cast(case when valid_to is null then 1 else 0 end as {{ integer_type() }}) as is_current,
        _row_id
    from aspects

)

select * from final
