{{ failures('employer_networks', sources=['providers'], whole=true) }}
