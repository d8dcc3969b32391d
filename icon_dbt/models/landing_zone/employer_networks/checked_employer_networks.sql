{{ checked_rows('employer_networks') }}
