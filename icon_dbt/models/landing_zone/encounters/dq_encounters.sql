{{ failures('encounters', sources=['patients'], relations=['cpt_code', 'outlying_paid_amounts']) }}
