{# What the words of loads mean, as it was stated. #}
{% macro source_words() %}{{ source('control', 'ops_load_words') }}{% endmacro %}
