{{ checked_rows('employer_networks', lookups=[['npi']]) }}
