{# Wilson score limits of a proportion of `events` in `trials`; null when there were no trials, right at zero events. #}
{% macro wilson_lower(events, trials, z) -%}
    {{ _wilson_limit(events, trials, z, '-') }}
{%- endmacro %}

{% macro wilson_upper(events, trials, z) -%}
    {{ _wilson_limit(events, trials, z, '+') }}
{%- endmacro %}

{% macro _wilson_limit(events, trials, z, sign) -%}
    case when {{ trials }} > 0 then
        (2.0 * {{ events }} + {{ z }} * {{ z }} {{ sign }} {{ z }}
            * sqrt({{ z }} * {{ z }} + 4.0 * {{ events }} * (1.0 - 1.0 * {{ events }} / {{ trials }})))
        / (2.0 * ({{ trials }} + {{ z }} * {{ z }}))
    end
{%- endmacro %}
