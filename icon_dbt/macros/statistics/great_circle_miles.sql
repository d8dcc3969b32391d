{# Great-circle miles between two places in degrees (haversine, mean Earth radius 3,958.7613 miles); null when a coordinate is. #}
{% macro great_circle_miles(latitude, longitude, other_latitude, other_longitude) -%}
    (2.0 * 3958.7613 * asin(sqrt({{ smaller_of('1.0',
        'pow(sin(radians(' ~ other_latitude ~ ' - ' ~ latitude ~ ') / 2.0), 2) + cos(radians(' ~ latitude ~ ')) * cos(radians('
        ~ other_latitude ~ ')) * pow(sin(radians(' ~ other_longitude ~ ' - ' ~ longitude ~ ') / 2.0), 2)') }})))
{%- endmacro %}
