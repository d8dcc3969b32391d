{# The declared rules of a source and the reference lists that they look at: when it changes, every row is judged again. #}
{% macro rule_fingerprint(entity) %}
    {{ return(local_md5(tojson(declared_rules(entity, 'before_promotion')) ~ '#' ~ reference_lists(entity, 'before_promotion'))) }}
{% endmacro %}
