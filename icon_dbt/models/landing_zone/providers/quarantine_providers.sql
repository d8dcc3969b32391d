{{ quarantined_rows('providers', ['provider_name', 'npi', 'zip', 'zip5', 'zip4']) }}
