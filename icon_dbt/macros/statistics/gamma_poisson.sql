{# Empirical-Bayes estimate of a ratio: O ~ Poisson(E * theta), theta ~ Gamma(alpha, beta). #}
{% macro shrunk_ratio(observed, expected, alpha, beta) -%}
    (({{ observed }} + {{ alpha }}) / ({{ expected }} + {{ beta }}))
{%- endmacro %}

{#
  Limits of the posterior Gamma(O + alpha, E + beta) by Wilson and Hilferty: within 3e-4 at a shape of 25 (no event and
  the floor of tau2), 3e-3 at 8, 3e-2 at 3, and then too low at the lower limit. `z` is negative for the lower limit.
  A very small shape can push the cube below zero; the limit is then zero.
#}
{% macro shrunk_ratio_limit(observed, expected, alpha, beta, z) -%}
    {%- set shape = '(' ~ observed ~ ' + ' ~ alpha ~ ')' -%}
    ({{ shape }} * pow({{ larger_of('0.0', '1.0 - 1.0 / (9.0 * ' ~ shape ~ ') + (' ~ z ~ ') / (3.0 * sqrt(' ~ shape ~ '))') }}, 3)
        / ({{ expected }} + {{ beta }}))
{%- endmacro %}

{# Share of the estimate that comes from the unit's own data. #}
{% macro reliability(expected, beta) -%}
    ({{ expected }} / ({{ expected }} + {{ beta }}))
{%- endmacro %}
