{{ scoped_rows('employer_networks') }}
