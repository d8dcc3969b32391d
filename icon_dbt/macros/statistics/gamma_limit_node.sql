{# Row of the seed gamma_limit for the gamma distribution of this mean and variance; shapes below 1/16 count as 1/16. #}
{% macro gamma_limit_node(mean, variance) -%}
    {{ truncated(smaller_of('199.0', '50.0 * sqrt(' ~ variance ~ ') / ' ~ mean)) }}
{%- endmacro %}
