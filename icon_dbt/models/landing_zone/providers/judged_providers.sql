{{ judged_rows('providers', keyless_match=['provider_name', 'zip']) }}
