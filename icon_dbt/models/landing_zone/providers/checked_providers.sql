{{ checked_rows('providers', lookups=[['npi', '_status']]) }}
