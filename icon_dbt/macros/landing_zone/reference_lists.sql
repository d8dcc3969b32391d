{# The content of the reference lists that the rules of a stage name: dbt's checksum of each file, so whatever changes in one counts. #}
{% macro reference_lists(entity, stage) %}
    {%- set parts = [] -%}
    {%- for seed in _named_lists(entity, stage) -%}
        {%- if seed.checksum.name == 'path' -%}
            {{ exceptions.raise_compiler_error(seed.name ~ " is above 1 MiB, and of such a file dbt knows only the path: split it, for rules read it") }}
        {%- endif -%}
        {%- do parts.append(seed.name ~ '=' ~ seed.checksum.checksum) -%}
    {%- endfor -%}
    {{ return(parts | join(',')) }}
{% endmacro %}

{# The seeds, as dbt knows them, that the rules of a stage name in their arguments, by name. #}
{% macro _named_lists(entity, stage) %}
    {%- set seeds = {} -%}
    {%- for rule in declared_rules(entity, stage) -%}
        {%- for argument, name in rule['arguments'].items() if argument in relation_arguments() and name is string -%}
            {%- set key = 'seed.' ~ project_name ~ '.' ~ name -%}
            {%- if key in graph.nodes -%}{%- do seeds.update({name: graph.nodes[key]}) -%}{%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(seeds.values() | sort(attribute='name')) }}
{% endmacro %}
