{{ failures('providers', sources=['encounters', 'employer_networks'], whole=true) }}
