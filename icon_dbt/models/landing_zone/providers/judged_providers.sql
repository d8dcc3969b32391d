{{ judged_rows('providers', relations=['zip_centroid'], keyless_match=['provider_name', 'zip']) }}
