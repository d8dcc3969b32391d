{# Column -> the values that a rule allows in it, for each column of a source that has such a rule. #}
{% macro value_domains(entity) %}
    {%- set found = {} -%}
    {%- for rule in declared_rules(entity, 'before_promotion') if rule['kind'] == 'among' -%}
        {%- do found.update({rule['arguments']['column']: rule['arguments']['values']}) -%}
    {%- endfor -%}
    {{ return(found) }}
{% endmacro %}
