{#
  Limits of a Poisson mean after `observed` events. Below ten events the exact chi-square limit of the seed
  poisson_limit is used (`exact`, null above nine events), from ten on Byar's approximation.
#}
{% macro poisson_lower(observed, exact, z) -%}
    coalesce({{ exact }}, case when {{ observed }} > 0 then {{ _byar('(1.0 * ' ~ observed ~ ')', z, '-') }} else 0.0 end)
{%- endmacro %}

{% macro poisson_upper(observed, exact, z) -%}
    coalesce({{ exact }}, {{ _byar('(' ~ observed ~ ' + 1.0)', z, '+') }})
{%- endmacro %}

{% macro _byar(count, z, sign) -%}
    {{ count }} * pow(1.0 - 1.0 / (9.0 * {{ count }}) {{ sign }} {{ z }} / (3.0 * sqrt({{ count }})), 3)
{%- endmacro %}
