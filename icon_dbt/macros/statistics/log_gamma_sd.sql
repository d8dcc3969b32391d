{# Standard deviation of the logarithm of a Gamma variable: square root of the trigamma function at its shape, by its series. #}
{% macro log_gamma_sd(shape) -%}
    sqrt(1.0 / {{ shape }} + 0.5 / pow({{ shape }}, 2) + 1.0 / (6.0 * pow({{ shape }}, 3)) - 1.0 / (30.0 * pow({{ shape }}, 5)))
{%- endmacro %}
