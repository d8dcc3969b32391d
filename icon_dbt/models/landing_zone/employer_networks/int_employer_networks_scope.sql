{# Written by `python -m docs.make` from employer_networks.yml. #}
{{ rows_in_scope('employer_networks') }}
