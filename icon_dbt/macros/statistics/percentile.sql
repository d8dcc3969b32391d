{#
  Interpolated percentile (the definition of numpy and Excel) as an aggregate over sorted values. Each input row stands
  for the values at the zero-based places `first_place` to `last_place` of its group of `size` values; a row that is one
  value has both places equal. One window pass that numbers the values serves any number of percentiles.
#}
{% macro percentile(value, first_place, last_place, size, share) -%}
    {%- set below = _value_at(value, first_place, last_place, truncated('(' ~ size ~ ' - 1) * ' ~ share)) -%}
    {%- set above = _value_at(value, first_place, last_place, smaller_of(size ~ ' - 1', truncated('(' ~ size ~ ' - 1) * ' ~ share) ~ ' + 1')) -%}
    ({{ below }} + (max(({{ size }} - 1) * {{ share }} - {{ truncated('(' ~ size ~ ' - 1) * ' ~ share) }}))
        * ({{ above }} - {{ below }}))
{%- endmacro %}

{% macro _value_at(value, first_place, last_place, place) -%}
    max(case when {{ place }} between {{ first_place }} and {{ last_place }} then {{ value }} end)
{%- endmacro %}
