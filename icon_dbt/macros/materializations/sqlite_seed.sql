{# A seed is loaded when its content changed (or on a full refresh), not at every build: there are 42,000 ZIPs.
   dbt's checksum of a file above 1 MiB is only its path, so such a seed is loaded always. #}
{% materialization seed, adapter='sqlite' %}
    {%- set loaded = adapter.get_relation(database=database, schema=schema, identifier=model['alias']) -%}
    {%- set checksum = model['checksum'] -%}
    {%- set fingerprint = local_md5(checksum['name'] ~ checksum['checksum'] ~ tojson(config.get('column_types', {}))) -%}
    {% call statement('known_seeds') -%}
        create table if not exists ops_seeds (name text primary key, fingerprint text not null)
    {%- endcall %}
    {%- set known = run_query("select fingerprint from ops_seeds where name = '" ~ model['alias'] ~ "'") -%}
    {%- set is_known = known.rows | length > 0 and known.rows[0][0] == fingerprint -%}
    {%- if loaded is not none and is_known and checksum['name'] != 'path' and not should_full_refresh() -%}
        {%- do store_result('agate_table', response='OK', agate_table=known) -%}
        {% call noop_statement('main', 'UNCHANGED', 'UNCHANGED', 0) -%}
            -- {{ model['alias'] }} is loaded with this content
        {%- endcall %}
        {{ adapter.commit() }}
        {{ return({'relations': [loaded]}) }}
    {%- endif -%}
    {% call statement('remember_seed') -%}
        {{ put_row('ops_seeds', ['name', 'fingerprint'], "select '" ~ model['alias'] ~ "', '" ~ fingerprint ~ "' where true") }}
    {%- endcall %}
    {{ return(dbt.materialization_seed_default()) }}
{% endmaterialization %}

{# All rows as one JSON value: a bound parameter a cell, as dbt-sqlite has it, takes ten times as long. #}
{% macro sqlite__load_csv_rows(model, agate_table) -%}
    {%- set rows = [] -%}
    {%- for row in agate_table.rows -%}{%- do rows.append(adapter.transform_seed_row(row)) -%}{%- endfor -%}
    {%- set values = tojson(rows) -%}
    {%- if values is none -%}
        {{ exceptions.raise_compiler_error(model['name'] ~ ': declare the column_types of this seed, as text, integer or real') }}
    {%- endif -%}
    {%- set sql -%}
        insert into {{ this.render() }} ({{ get_seed_column_quoted_csv(model, agate_table.column_names) }})
        select {% for _ in agate_table.column_names %}json_extract(value, '$[{{ loop.index0 }}]'){{ ', ' if not loop.last }}{% endfor %}
        from json_each(?)
    {%- endset -%}
    {%- do adapter.add_query(sql, bindings=[values], abridge_sql_log=True) -%}
    {{ return(sql) }}
{%- endmacro %}
