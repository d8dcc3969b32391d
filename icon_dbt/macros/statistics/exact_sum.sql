{#
  Sum of a fraction that does not depend on the order of the rows: each value is rounded to `decimals` places and added as
  an integer. Floating-point sums differ in the last digits with the plan of the query, so a table that is built again
  would not be the same. The sum must stay below 9.2e18 / 10^decimals; SQLite stops with an error beyond that.
#}
{% macro exact_sum(value, decimals=9) -%}
    (sum(cast(round(({{ value }}) * 1e{{ decimals }}) as {{ integer_type() }})) / 1e{{ decimals }})
{%- endmacro %}
