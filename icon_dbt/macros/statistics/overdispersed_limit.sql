{# Limit of O/E when units differ by the variance overdispersion_tau2 on the log scale beside chance; `z` is negative for the lower one. #}
{% macro overdispersed_limit(expected, overdispersion_tau2, z) -%}
    exp(1.0 * {{ z }} * sqrt(1.0 / {{ expected }} + {{ overdispersion_tau2 }}))
{%- endmacro %}
