{# The columns that a model declares are its contract: what it built has these names and these types, or the model fails and
   the table that stood before stays. SQLite knows no contract and its adapter only says so, hence this hook, which runs behind
   the statement that builds, in its transaction. It runs on DuckDB as well, whose own contract would want its own names of types. #}
{% macro assert_contract() -%}
    {%- if execute and model.columns -%}
        {%- set built = {} -%}
        {%- for column in adapter.get_columns_in_relation(this) -%}
            {%- do built.update({column.name: type_family(column.dtype)}) -%}
        {%- endfor -%}
        {%- set broken = [] -%}
        {%- for name, column in model.columns.items() -%}
            {%- if name not in built -%}
                {%- do broken.append(name ~ ' is missing') -%}
            {%- elif built[name] == 'unknown' -%}
                {%- if holds_another_type(name, column.data_type) -%}
                    {%- do broken.append(name ~ ' holds what is not ' ~ column.data_type) -%}
                {%- endif -%}
            {%- elif built[name] != column.data_type -%}
                {%- do broken.append(name ~ ' is ' ~ built[name] ~ ', not ' ~ column.data_type) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- for name in built if name not in model.columns -%}
            {%- do broken.append(name ~ ' is not declared') -%}
        {%- endfor -%}
        {%- if broken -%}
            {{ exceptions.raise_compiler_error(model.name ~ ' breaks its contract: ' ~ broken | join('; ')) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{# text, integer or real, as the models declare types; unknown for a column without any. #}
{% macro type_family(dtype) -%}
    {%- set families = {'INT': 'integer', 'INTEGER': 'integer', 'BIGINT': 'integer', 'REAL': 'real', 'DOUBLE': 'real', 'TEXT': 'text', 'VARCHAR': 'text'} -%}
    {{ return(families.get((dtype or '') | upper, 'unknown')) }}
{%- endmacro %}

{# Whether a column without a type, as a table of an earlier version may have one, holds values of another type. #}
{% macro holds_another_type(name, data_type) -%}
    {%- set others = run_query("select 1 from " ~ this ~ " where typeof(" ~ adapter.quote(name) ~ ") not in ('null', '" ~ data_type ~ "') limit 1") -%}
    {{ return(others | length > 0) }}
{%- endmacro %}

{# As the adapter has them, without its warning that contracts are not enforced: `assert_contract` enforces them. #}
{% macro sqlite__create_table_as(temporary, relation, sql) -%}
    create {% if temporary %}temporary {% endif %}table {{ relation }}
    as
        {{ sql }}
{%- endmacro %}

{% macro sqlite__create_view_as(relation, sql, auto_begin=False) -%}
    create view {{ relation }} as
    {{ sql }};
{%- endmacro %}
