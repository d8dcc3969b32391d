{{ standard_rows('claims', key=['claim_id'], columns={
    'claim_id': 'cast(claim_id as text)',
    'encounter_id': 'cast(encounter_id as text)',
    'billed_amount_usd': 'cast(billed_amount_usd as real)',
    'state': 'cast(state as text)',
}) }}
