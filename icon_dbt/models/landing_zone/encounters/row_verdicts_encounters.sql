{# Written by `python -m docs.make` from encounters.yml. #}
{{ row_verdicts(
    'encounters',
    lookups=[['encounter_id', '_status'], ['patient_id', 'npi', 'cpt', 'paid_amount_usd'], ['npi', 'cpt', '_status'], ['cpt', 'paid_amount_usd', '_status', '_load_id']],
) }}
