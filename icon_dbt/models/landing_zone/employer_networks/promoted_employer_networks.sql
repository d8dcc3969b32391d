{{ promoted_rows('employer_networks', ['employer_id', 'npi']) }}
