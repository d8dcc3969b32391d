{#
  Limits of a Poisson mean after `observed` events: quantiles of a gamma distribution of shape O (lower) and O + 1 (upper).
  Up to thirty events the seed poisson_limit has them exactly (`exact`, null beyond). Beyond, the Cornish-Fisher series of
  the gamma quantile in powers of 1 / sqrt(shape): within 3e-7 of it at 31 events, closer above. `z` is a normal quantile.
#}
{% macro poisson_lower(observed, exact, z) -%}
    coalesce({{ exact }}, case when {{ observed }} > 0 then {{ _gamma_quantile('(1.0 * ' ~ observed ~ ')', '(-' ~ z ~ ')') }} else 0.0 end)
{%- endmacro %}

{% macro poisson_upper(observed, exact, z) -%}
    coalesce({{ exact }}, {{ _gamma_quantile('(' ~ observed ~ ' + 1.0)', z) }})
{%- endmacro %}

{% macro _gamma_quantile(shape, z) -%}
    ({{ shape }} + {{ z }} * sqrt({{ shape }})
        + (pow({{ z }}, 2) - 1.0) / 3.0
        + (pow({{ z }}, 3) - 7.0 * {{ z }}) / (36.0 * sqrt({{ shape }}))
        - (3.0 * pow({{ z }}, 4) + 7.0 * pow({{ z }}, 2) - 16.0) / (810.0 * {{ shape }})
        + (9.0 * pow({{ z }}, 5) + 256.0 * pow({{ z }}, 3) - 433.0 * {{ z }}) / (38880.0 * pow({{ shape }}, 1.5))
        + (12.0 * pow({{ z }}, 6) - 243.0 * pow({{ z }}, 4) - 923.0 * pow({{ z }}, 2) + 1472.0) / (204120.0 * pow({{ shape }}, 2))
        - (3753.0 * pow({{ z }}, 7) + 4353.0 * pow({{ z }}, 5) - 289517.0 * pow({{ z }}, 3) - 289717.0 * {{ z }}) / (146966400.0 * pow({{ shape }}, 2.5)))
{%- endmacro %}
