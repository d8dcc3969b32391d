{#
  ln(Gamma(start + steps) / Gamma(start)), by Stirling's series eight places further up, so that nothing cancels: within 1e-9.
#}
{% macro ln_rising_factorial(start, steps) -%}
    {%- set far = '(' ~ start ~ ' + 8.0)' -%}
    {%- set top = '(' ~ start ~ ' + 8.0 + ' ~ steps ~ ')' -%}
    (({{ top }} - 0.5) * ln(1.0 + {{ steps }} / {{ far }}) + {{ steps }} * ln({{ far }}) - {{ steps }}
        + (1.0 / {{ top }} - 1.0 / {{ far }}) / 12.0
        - (pow({{ top }}, -3) - pow({{ far }}, -3)) / 360.0
        + (pow({{ top }}, -5) - pow({{ far }}, -5)) / 1260.0
        - ln({% for place in range(8) %}(1.0 + {{ steps }} / ({{ start }} + {{ place }}.0)){{ ' * ' if not loop.last }}{% endfor %}))
{%- endmacro %}

{# Row of the seed gamma_limit for the gamma distribution of this mean and variance; shapes below 1/16 count as 1/16. #}
{% macro gamma_limit_node(mean, variance) -%}
    cast({{ smaller_of('199.0', '50.0 * sqrt(' ~ variance ~ ') / ' ~ mean) }} as integer)
{%- endmacro %}

{# Limit that leaves 2.5 % of the gamma distribution beyond it; `limits` is the seed's row, `side` low or high. #}
{% macro gamma_limit(mean, variance, limits, side) -%}
    {%- set root = smaller_of('3.999999', 'sqrt(' ~ variance ~ ') / ' ~ mean) -%}
    {%- set place = '(50.0 * ' ~ root ~ ' - ' ~ limits ~ '.node)' -%}
    {%- set at = limits ~ '.' ~ side -%}
    ({{ mean }} * exp({{ root }} * ({{ at }}_0 + {{ place }} * ({{ at }}_1 + {{ place }} * ({{ at }}_2 + {{ place }} * {{ at }}_3)))))
{%- endmacro %}
