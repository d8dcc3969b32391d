{#
  True when a feature is not what another version says: another value, also as text, for what a number looks like depends
  on the type of the column that keeps it, and a sum may end in another last bit. A feature that the table does not have yet
  differs where it is not null.
#}
{% macro feature_differs(feature, standing, version='previous') -%}
{%- if feature in standing -%}
({{ differs('stated.' ~ feature, version ~ '.' ~ feature) }} and {{ differs('cast(stated.' ~ feature ~ ' as text)', 'cast(' ~ version ~ '.' ~ feature ~ ' as text)') }})
{%- else -%}
stated.{{ feature }} is not null
{%- endif -%}
{%- endmacro %}
