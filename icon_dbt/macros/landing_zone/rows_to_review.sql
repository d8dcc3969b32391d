{# Rows whose rules after promotion may now say something else: the changed rows themselves and, rule by rule, the rows that a
   changed partner concerns. One branch a rule kind; a source with a kind that has none is reviewed whole each time. So is one of
   which half or more has changed: the statement itself decides that, so that it is the same statement whatever came. #}
{% macro rows_to_review(entity, rules) -%}
    {%- set own = ref('row_verdicts_' ~ entity) -%}
    select row_id as _row_id from {{ unread_changes() }} as changes where entity = '{{ entity }}'
    union
    select _row_id from {{ own }}
    where (select count(*) from {{ unread_changes() }} as changes) > 1000
        and 2 * (select count(*) from {{ unread_changes() }} as changes) >= (select count(*) from {{ own }})
    {%- for rule in rules %}
    {%- set arguments = rule['arguments'] %}
    {%- if rule['kind'] == 'not_outlying' %}
    union
    select _row_id from {{ ref(arguments['outlying']) }}
    where _row_id not in (select _row_id from {{ this }} where rule_name = '{{ rule['name'] }}')
    union
    select _row_id from {{ this }}
    where rule_name = '{{ rule['name'] }}' and _row_id not in (select _row_id from {{ ref(arguments['outlying']) }})
    {%- elif rule['kind'] == 'plausible_age' %}
    {{ _rows_of_changed(own, arguments['patient'], 'patient_id', ['patients']) }}
    {%- elif rule['kind'] == 'unique_combination' %}
    {{ _rows_of_changed(own, arguments['columns'][0], arguments['columns'][0], [entity]) }}
    union
    select _row_id from {{ own }} where {{ arguments['columns'][0] }} is null
        and exists (select 1 from {{ unread_changes() }} as changes where entity = '{{ entity }}' and {{ arguments['columns'][0] }} is null)
    {%- elif rule['kind'] == 'unique_without_zeros' %}
    union
    select _row_id from {{ own }}
    where {{ arguments['column'] }} in ({{ _changed_without_zeros(arguments['column'], entity) }})
        or ({{ arguments['column'] }} >= '0' and {{ arguments['column'] }} < '1'
            and ltrim({{ arguments['column'] }}, '0') in ({{ _changed_without_zeros(arguments['column'], entity) }}))
    {%- elif rule['kind'] == 'used_by' %}
    {%- for child, field in arguments['children'].items() %}
    {{ _rows_of_changed(own, arguments['column'], field, [child]) }}
    {%- endfor %}
    {%- elif rule['kind'] == 'same_person' %}
    {{ _rows_of_changed(own, 'patient_id', 'patient_id', ['patients']) }}
    union
    select checked._row_id
    from {{ own }} as checked
    where {{ birth_cohort('checked') }} in (
        select {{ birth_cohort('changes') }} from {{ unread_changes() }} as changes
        where changes.entity = 'patients' and changes.gender is not null and changes.birth_date is not null)
    {%- elif rule['kind'] == 'not_yet_performed' %}
    {{ _rows_of_changed(own, arguments['patient'], 'patient_id', ['encounters']) }}
    {%- elif rule['kind'] == 'has_candidate' %}
    {{ _rows_of_changed(own, arguments['employer'], 'employer_id', ['employer_networks']) }}
    union
    select _row_id from {{ own }} where {{ arguments['column'] }} in ({{ _procedures_with_new_performers(arguments['encounters']) }})
    {%- else -%}
    {{ exceptions.raise_compiler_error("rule " ~ rule['name'] ~ ": say in macros/landing_zone/rows_to_review.sql which rows a " ~ rule['kind'] ~ " concerns, or build dq_" ~ entity ~ " whole") }}
    {%- endif -%}
    {%- endfor -%}
{%- endmacro %}

{# Rows of `own` that hold, in `column`, what a changed row of one of the sources holds, or held, in `field`. #}
{% macro _rows_of_changed(own, column, field, sources) -%}
    union
    select _row_id from {{ own }}
    where {{ column }} in (select {{ field }} from {{ unread_changes() }} as changes where entity in ({{ text_list(sources) }}))
{%- endmacro %}

{# Identifiers that changed rows of a source hold or held, without their leading zeros. #}
{% macro _changed_without_zeros(column, entity) -%}
    select ltrim({{ column }}, '0') from {{ unread_changes() }} as changes where entity = '{{ entity }}' and {{ column }} is not null
{%- endmacro %}

{# Procedures that a provider began or ceased to have: no unchanged encounter shows the pair. #}
{% macro _procedures_with_new_performers(encounters) -%}
    select pairs.cpt
    from (select distinct npi, cpt from {{ unread_changes() }} as changes where entity = '{{ encounters }}') as pairs
    where not exists (
        select 1 from {{ standing(encounters) }} as encounters
        where encounters.npi = pairs.npi and encounters.cpt = pairs.cpt
            and encounters._row_id not in (select row_id from {{ unread_changes() }} as changes where entity = '{{ encounters }}'))
{%- endmacro %}
