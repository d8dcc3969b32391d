{# Limit that leaves 2.5 % of the gamma distribution beyond it; `limits` is the seed's row, `side` low or high. #}
{% macro gamma_limit(mean, variance, limits, side) -%}
    {%- set root = smaller_of('3.999999', 'sqrt(' ~ variance ~ ') / ' ~ mean) -%}
    {%- set place = '(50.0 * ' ~ root ~ ' - ' ~ limits ~ '.node)' -%}
    {%- set at = limits ~ '.' ~ side -%}
    ({{ mean }} * exp({{ root }} * ({{ at }}_0 + {{ place }} * ({{ at }}_1 + {{ place }} * ({{ at }}_2 + {{ place }} * {{ at }}_3)))))
{%- endmacro %}
