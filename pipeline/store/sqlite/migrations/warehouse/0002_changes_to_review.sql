-- what the rules after promotion have not looked at yet

create table ops_changes (change_id integer primary key autoincrement, entity text, row_id text,
    patient_id text, birth_date text, gender text, npi text, cpt text, employer_id text);

create table ops_change_readers (reader text primary key, change_id integer, fingerprint text);

create table ops_rows_to_review (entity text, row_id text, primary key (entity, row_id)) without rowid;
