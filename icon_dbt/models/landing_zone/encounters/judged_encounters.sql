{{ judged_rows('encounters', relations=['promoted_providers', 'promoted_patients', 'cpt_code']) }}
