{{ judged_rows('patients') }}
