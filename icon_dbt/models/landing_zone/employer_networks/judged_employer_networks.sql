{{ judged_rows('employer_networks', relations=['contracted_employer']) }}
