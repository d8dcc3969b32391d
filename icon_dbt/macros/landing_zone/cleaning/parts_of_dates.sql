{# What calendar_day takes off a date, or turns into numbers, before it reads it. #}

{# Without a time of day that is midnight; any other time stays, for it may belong to another day elsewhere. #}
{% macro without_midnight(text) -%}
    {%- set colon = position_of(text, "':'") -%}
    {%- set tail = lower_ascii("substr(" ~ text ~ ", " ~ colon ~ " + 1)") -%}
    {%- set zeros, half_day = ['00', '00:00'], [] -%}
    {%- for digits in range(1, 10) -%}{%- do zeros.append('00:00.' ~ '0' * digits) -%}{%- endfor -%}
    {%- set midnights = [] -%}
    {%- for zero in zeros -%}
        {%- for zone in ['', 'z', '+00', '+00:00', '+0000', ' utc'] -%}{%- do midnights.append(zero ~ zone) -%}{%- endfor -%}
        {%- do half_day.append(zero ~ ' am') -%}{%- do half_day.append(zero ~ 'am') -%}
    {%- endfor -%}
    case
        when {{ colon }} < 4 then {{ text }}
        when substr({{ text }}, {{ colon }} - 3, 3) in (' 00', 'T00', 't00') and {{ tail }} in ({{ text_list(midnights) }}) then substr({{ text }}, 1, {{ colon }} - 4)
        when substr({{ text }}, {{ colon }} - 2, 2) in (' 0', 'T0', 't0') and {{ tail }} in ({{ text_list(midnights) }}) then substr({{ text }}, 1, {{ colon }} - 3)
        when substr({{ text }}, {{ colon }} - 3, 3) = ' 12' and {{ tail }} in ({{ text_list(half_day) }}) then substr({{ text }}, 1, {{ colon }} - 4)
        when {{ tail }} = '00:00:00' then substr({{ text }}, 1, {{ colon }} - 1)
        else {{ text }}
    end
{%- endmacro %}

{# '24th of March, 1950' to '24th of <03>, 1950': the month's number in place of its name, between two separators that no cleaned
   cell holds. Null without the name of a month. #}
{% macro with_numbered_month(day) -%}
    {%- set names = ['january', 'february', 'march', 'april', 'may', 'june', 'july', 'august', 'september', 'october', 'november', 'december'] -%}
    case
        {%- for name in names %}
        when {{ contains(day, "'" ~ name[:3] ~ "'") }} then
            {%- set shortened = "replace(replace(" ~ day ~ ", '" ~ name ~ "', '" ~ name[:3] ~ "'), '" ~ name[:4] ~ "', '" ~ name[:3] ~ "')" if name == 'september'
                else "replace(" ~ day ~ ", '" ~ name ~ "', '" ~ name[:3] ~ "')" %}
            replace({{ shortened }}, '{{ name[:3] }}', {{ unit_separator() }} || '{{ '%02d' % loop.index }}' || {{ unit_separator() }})
        {%- endfor %}
    end
{%- endmacro %}

{# '24th of <03>, 1950' to '24<03>1950': ordinals are numbers, every sign is one blank, none stands beside the month. #}
{% macro without_ordinals(day) -%}
    {%- set steps = [day] -%}
    {%- for ordinal in ['1st', '2nd', '3rd'] + ['0th', '1th', '2th', '3th', '4th', '5th', '6th', '7th', '8th', '9th'] -%}
        {%- do steps.append("replace(" ~ steps[-1] ~ ", '" ~ ordinal ~ "', '" ~ ordinal[0] ~ "')") -%}
    {%- endfor -%}
    {{ steps[-1] }}
{%- endmacro %}

{% macro with_single_blanks(day) -%}
    {%- set steps = [day] -%}
    {%- for sign, blank in [['  ', ' '], ['  ', ' '], [', ', ' '], ['. ', ' '], [' of ', ' '], ['-', ' '], ['/', ' '], ['.', ' '], [',', ' ']] -%}
        {%- do steps.append("replace(" ~ steps[-1] ~ ", '" ~ sign ~ "', '" ~ blank ~ "')") -%}
    {%- endfor -%}
    {%- do steps.append("replace(" ~ steps[-1] ~ ", ' ' || " ~ unit_separator() ~ ", " ~ unit_separator() ~ ")") -%}
    replace({{ steps[-1] }}, {{ unit_separator() }} || ' ', {{ unit_separator() }})
{%- endmacro %}
