{# What `dbt source freshness` asks: when the newest row came, and what time it is. SQLite has no type for moments and answers in text,
   so the text is read here. #}
{% macro sqlite__collect_freshness(source, loaded_at_field, filter) %}
  {% call statement('collect_freshness', fetch_result=true, auto_begin=false) %}
    select
      strftime('%Y-%m-%d %H:%M:%S', max({{ loaded_at_field }})) as max_loaded_at,
      strftime('%Y-%m-%d %H:%M:%S', 'now') as snapshotted_at
    from {{ source }}
    {% if filter %}where {{ filter }}{% endif %}
  {% endcall %}
  {% set result = load_result('collect_freshness') %}
  {% set moments = [] %}
  {% for text in result.table.rows[0].values() %}
    {% do moments.append(modules.datetime.datetime.strptime(text, '%Y-%m-%d %H:%M:%S') if text else none) %}
  {% endfor %}
  {{ return(namespace(response=result.response, table=[moments])) }}
{% endmacro %}
