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
