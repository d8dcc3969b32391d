{# A verdict of the exact limits that stands only where the wider limits are left too: over-dispersion takes flags away, it adds none. #}
{% macro overdispersed_verdict(verdict, observed, expected, overdispersion_tau2, z) -%}
    case
        when {{ verdict }} in ('high', 'low')
            and 1.0 * {{ observed }} / {{ expected }} between {{ overdispersed_limit(expected, overdispersion_tau2, '-' ~ z) }}
            and {{ overdispersed_limit(expected, overdispersion_tau2, z) }} then 'in'
        else {{ verdict }}
    end
{%- endmacro %}
