{# Two-sided normal quantiles: 95 % and 99.8 % intervals. #}
{% macro z_95() %}1.959964{% endmacro %}
{% macro z_998() %}3.090232{% endmacro %}
