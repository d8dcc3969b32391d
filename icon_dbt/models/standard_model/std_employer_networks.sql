{# What stood in the list stays out of silver where a steward replaced something else by an NPI: it may be anybody's. #}
{%- set cleaned_entry = cleaned('identifier', stripped('listed_raw')) -%}
{{ standard_rows('employer_networks', key=['employer_id', 'npi'], indexes=[['npi']], columns={
    'employer_id': 'cast(employer_id as text)',
    'npi': 'cast(npi as text)',
    'listed_raw': "cast(case when " ~ has_shape(cleaned_entry, 'npi') ~ " or " ~ cleaned_entry ~ " = substr(npi, 1, 9) then listed_raw end as text)",
}) }}
