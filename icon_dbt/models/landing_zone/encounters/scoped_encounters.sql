{{ config(materialized='table', post_hook=["{{ index_on(['_family']) }}", "{{ index_on(['_key']) }}"]) }}
{{ scoped_rows('encounters', parents={'npi': 'providers', 'patient_id': 'patients'}) }}
