{# One boolean expression a rule kind: true or null means the row passes. `m` is the row; lineage and the helper columns of
   staged_rows are at hand. Each kind has a generic test of the same name in tests/generic, which reports its failures. #}

{% macro passes__required(column) %}m.{{ column }} is not null{% endmacro %}

{% macro passes__matches(column, shape, is_required=false) -%}
    {%- if is_required -%}(m.{{ column }} is not null and {{ has_shape('m.' ~ column, shape) }})
    {%- else -%}(m.{{ column }} is null or {{ has_shape('m.' ~ column, shape) }})
    {%- endif -%}
{%- endmacro %}

{# Luhn over 80840 and the NPI. A value without the shape of an NPI is another rule's business. #}
{% macro passes__luhn(column) -%}
    {%- set digits = [] -%}
    {%- for place in range(1, 11) -%}
        {%- set digit = integer_of_text("substr(m." ~ column ~ ", " ~ place ~ ", 1)") -%}
        {%- do digits.append("(2 * " ~ digit ~ " - case when " ~ digit ~ " > 4 then 9 else 0 end)" if place % 2 else digit) -%}
    {%- endfor -%}
    (m.{{ column }} is null or not {{ has_shape('m.' ~ column, 'npi') }} or (24 + {{ digits | join(' + ') }}) % 10 = 0)
{%- endmacro %}

{% macro passes__among(column, values) %}coalesce(m.{{ column }} in ({{ text_list(values) }}), false){% endmacro %}

{% macro passes__not_among(column, values) %}m.{{ column }} not in ({{ text_list(values) }}){% endmacro %}

{% macro passes__iso_date(column) %}(m.{{ column }} is null or {{ is_real_date('m.' ~ column) }}){% endmacro %}

{% macro passes__not_after_delivery(column) -%}
    (not {{ is_real_date('m.' ~ column) }} or m.{{ column }} <= substr(m._loaded_at, 1, 10))
{%- endmacro %}

{% macro passes__age_at_most(column, years) -%}
    (not {{ is_real_date('m.' ~ column) }} or {{ completed_years('m.' ~ column, 'm._loaded_at') }} <= {{ years }})
{%- endmacro %}

{% macro passes__number(column, is_required=false) -%}
    {{ passes__matches(column, 'number', is_required) }}
{%- endmacro %}

{% macro passes__above_zero(column, sign) -%}
    (not {{ has_shape('m.' ~ column, 'number') }} or {{ float_of_text('m.' ~ column) }} {{ '<> 0' if sign == 'zero' else '>= 0' }})
{%- endmacro %}

{# Larger numbers are identifiers or sentinels in the wrong column, and sums over them would overflow. #}
{% macro passes__at_most(column, most) -%}
    (not {{ has_shape('m.' ~ column, 'number') }} or abs({{ float_of_text('m.' ~ column) }}) <= {{ most }})
{%- endmacro %}

{# A point before the last three of four to six digits: 7.206 may be 7206. #}
{% macro passes__no_dotted_thousands(column) -%}
    {%- set digits = "ltrim(m." ~ column ~ ", '-')" -%}
    (not {{ has_shape('m.' ~ column, 'number') }} or {{ position_of(digits, "'.'") }} not in (2, 3, 4)
        or length({{ digits }}) <> {{ position_of(digits, "'.'") }} + 3 or substr({{ digits }}, 1, 1) = '0')
{%- endmacro %}

{# As a number it is none of the other columns of the row, where those are digits. #}
{% macro passes__not_equal_to(column, columns) -%}
    (not {{ has_shape('m.' ~ column, 'number') }} or not (
        {%- for other in columns %}
        coalesce(case when {{ is_digits('m.' ~ other) }} then {{ float_of_text('m.' ~ other) }} = {{ float_of_text('m.' ~ column) }} end, false){{ ' or ' if not loop.last }}
        {%- endfor %}))
{%- endmacro %}

{# Known in a parent: rows without a value are another rule's business. #}
{% macro passes__known_in(column, parent, field) -%}
    (m.{{ column }} is null or exists (select 1 from {{ parent }} as parent where parent.{{ field }} = m.{{ column }}))
{%- endmacro %}

{% macro passes__near_reference_fee(column, code, parent, low=none, high=none) -%}
    not exists (
        select 1 from {{ parent }} as reference
        where reference.cpt = m.{{ code }} and reference.reference_fee > 0 and {{ has_shape('m.' ~ column, 'number') }}
            {%- if low is not none %} and {{ float_of_text('m.' ~ column) }} > 0 and {{ float_of_text('m.' ~ column) }} < {{ low }} * reference.reference_fee{% endif %}
            {%- if high is not none %} and {{ float_of_text('m.' ~ column) }} > {{ high }} * reference.reference_fee{% endif %}
    )
{%- endmacro %}

{# Judged over the rows that share a key in one delivery; mapped rows carry the answer. #}
{% macro passes__single_version() %}m._is_conflicting = 0{% endmacro %}
{% macro passes__consistent_in_delivery(column) %}(m._is_conflicting = 0 or not {{ contains('m._conflicting_columns', "' " ~ column ~ " '") }}){% endmacro %}
{% macro passes__first_copy() %}m._is_copy = 0{% endmacro %}
{% macro passes__not_resent() %}m._is_resent = 0{% endmacro %}
{% macro passes__not_reverted() %}m._is_returned = 0{% endmacro %}
{% macro passes__untouched(fix) %}not {{ contains('m._fixes', "'" ~ fix ~ "'") }}{% endmacro %}
{% macro passes__load_open() %}m._is_held = 0{% endmacro %}

{# ---- judged after promotion: they look at the standing rows (promoted or open) of any source and only flag ---- #}

{# A source of which nothing has arrived yet proves nothing. #}
{% macro passes__used_by(column, children) -%}
    (m.{{ column }} is null
    {%- for relation, field in children.items() %}
        or exists (select 1 from {{ relation }} as child where child.{{ field }} = m.{{ column }})
    {%- endfor %}
    {%- for relation, field in children.items() %}
        or not exists (select 1 from {{ relation }} as child)
    {%- endfor %})
{%- endmacro %}

{% macro passes__unique_value(column, own) -%}
    (m.{{ column }} is null or m.{{ column }} not in (
        select {{ column }} from {{ own }} as other where {{ column }} is not null group by {{ column }} having count(*) > 1))
{%- endmacro %}

{# No other identifier is the same number: leading zeros are what a spreadsheet drops. At least one of two such begins with 0,
   and those are few, or found by an index. #}
{% macro passes__unique_without_zeros(column, own) -%}
    {%- set bare, led_by_zero = "ltrim(m." ~ column ~ ", '0')", column ~ " >= '0' and " ~ column ~ " < '1'" -%}
    (m.{{ column }} is null or case
        when m.{{ led_by_zero }} then
            not exists (select 1 from {{ own }} as other where other.{{ column }} = {{ bare }} and other.{{ column }} <> m.{{ column }})
            and {{ bare }} not in (
                select ltrim({{ column }}, '0') from {{ own }} as other where {{ led_by_zero }} group by 1 having count(distinct {{ column }}) > 1)
        else m.{{ column }} not in (select ltrim({{ column }}, '0') from {{ own }} as other where {{ led_by_zero }})
    end)
{%- endmacro %}

{% macro passes__unique_combination(columns, own) -%}
    not exists (
        select 1 from {{ own }} as other
        where {% for column in columns %}{{ same('other.' ~ column, 'm.' ~ column) }} and {% endfor %}other._row_id <> m._row_id)
{%- endmacro %}

{# Within `within`, of at least `least` rows, is a robust z of at most `limit`: the model behind `outlying` works that out. #}
{% macro passes__not_outlying(column, within, z_limit, least, outlying) -%}
    m._row_id not in (select _row_id from {{ outlying }})
{%- endmacro %}

{% macro passes__plausible_age(column, patient, patients, procedures) -%}
    not exists (
        select 1 from {{ patients }} as patient
        inner join {{ procedures }} as reference on reference.cpt = m.{{ column }}
        where patient.patient_id = m.{{ patient }}
            and {{ completed_years('patient.birth_date', 'm._loaded_at') }} not between reference.age_min and reference.age_max
    )
{%- endmacro %}

{# Under another identifier: where more than `most_born_that_year` of the sex were born in the year, a shared birthday is chance. #}
{% macro passes__same_person(column, check, patients, most_born_that_year=none) -%}
    {%- if check == 'demographics' -%}
        not exists (
            select 1 from {{ patients }} as patient
            where patient.patient_id = m.{{ column }} and (patient.gender <> m.gender or patient.birth_date <> m.birth_date))
    {%- else -%}
        (m.patient_id is null
        or {{ birth_cohort('m', column) }} in (
            select {{ birth_cohort('patient') }} from {{ patients }} as patient
            where patient.gender is not null and patient.birth_date is not null
            group by 1 having count(*) > {{ most_born_that_year }})
        or not exists (select 1 from {{ patients }} as patient where patient.birth_date = m.{{ column }} and patient.gender = m.gender)
        or exists (select 1 from {{ patients }} as patient where patient.patient_id = m.patient_id))
    {%- endif -%}
{%- endmacro %}

{% macro passes__has_candidate(column, employer, networks, encounters) -%}
    m.{{ employer }} || '|' || m.{{ column }} in (
        select network.employer_id || '|' || performed.cpt
        from {{ networks }} as network
        inner join (select distinct npi, cpt from {{ encounters }} as encounters) as performed on network.npi = performed.npi
        where network.employer_id is not null and performed.cpt is not null)
{%- endmacro %}

{% macro passes__not_yet_performed(column, patient, encounters) -%}
    not exists (
        select 1 from {{ encounters }} as performed
        where performed.patient_id = m.{{ patient }} and performed.cpt = m.{{ column }})
{%- endmacro %}
