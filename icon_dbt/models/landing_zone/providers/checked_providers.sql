{{ checked_rows('providers', lookup='npi') }}
