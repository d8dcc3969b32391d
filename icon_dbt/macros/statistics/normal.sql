{# Two-sided normal quantiles: 95 % and 99.8 % intervals. #}
{% macro z_95() %}1.959964{% endmacro %}
{% macro z_998() %}3.090232{% endmacro %}

{# Upper tail of the standard normal at z (Abramowitz and Stegun 26.2.17, absolute error below 7.5e-8). #}
{% macro normal_upper_tail(z) -%}
    {%- set t = '(1.0 / (1.0 + 0.2316419 * abs(' ~ z ~ ')))' -%}
    (case when ({{ z }}) < 0 then 1.0 else 0.0 end
        + case when ({{ z }}) < 0 then -1.0 else 1.0 end
        * 0.3989422804014327 * exp(-0.5 * ({{ z }}) * ({{ z }}))
        * {{ t }} * (0.319381530 + {{ t }} * (-0.356563782 + {{ t }} * (1.781477937
        + {{ t }} * (-1.821255978 + {{ t }} * 1.330274429)))))
{%- endmacro %}
