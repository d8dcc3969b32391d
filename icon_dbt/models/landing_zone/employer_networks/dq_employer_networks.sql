{{ failures('employer_networks', sources=['providers']) }}
