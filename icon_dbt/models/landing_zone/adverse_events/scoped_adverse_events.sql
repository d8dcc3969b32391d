{{ config(materialized='table', post_hook=["{{ index_on(['_family']) }}", "{{ index_on(['_key']) }}"]) }}
{{ scoped_rows('adverse_events', parents={'encounter_id': 'encounters'}) }}
