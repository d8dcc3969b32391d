{# Written by `python -m docs.make` from encounters.yml. #}
{{ rule_failures('encounters', sources=['patients'], relations=['outlying_paid_amounts', 'cpt_code']) }}
