{# Written by `python -m docs.make` from the declarations of the sources. #}

{# The sources, parents before children. #}
{% macro source_names() %}{{ return(['patients', 'providers', 'encounters', 'referrals', 'adverse_events', 'employer_networks']) }}{% endmacro %}

{# Those that deliver lists, of which each entry is a row from `stg_` on. #}
{% macro listed_source_names() %}{{ return(['employer_networks']) }}{% endmacro %}

{# Source -> its columns that hold the key of another source. #}
{% macro source_parents() %}{{ return({'encounters': {'npi': 'providers', 'patient_id': 'patients'}, 'adverse_events': {'encounter_id': 'encounters'}}) }}{% endmacro %}
