-- nobody is recommended whom the network does not list, the directory does not carry, or who has never done the procedure
with candidates as (
    select distinct employer_id, cpt, npi from {{ ref('network_candidate') }}
),

networks as (
    select employer_id, npi from {{ ref('std_employer_networks') }}
),

providers as (
    select npi from {{ ref('std_providers') }}
),

scorecard as (
    select npi, cpt from {{ ref('provider_procedure_scorecard') }}
),

listed as (
    select candidates.employer_id, candidates.cpt, candidates.npi
    from candidates
    inner join networks on candidates.employer_id = networks.employer_id and candidates.npi = networks.npi
    inner join providers on candidates.npi = providers.npi
    inner join scorecard on candidates.npi = scorecard.npi and candidates.cpt = scorecard.cpt
)

select employer_id, cpt, npi from candidates
except
select employer_id, cpt, npi from listed
