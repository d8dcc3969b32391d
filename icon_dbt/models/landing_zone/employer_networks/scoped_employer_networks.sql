{# Written by `python -m docs.make` from employer_networks.yml. #}
{{ scoped_rows('employer_networks') }}
