-- answers that take long to work out, with the numbers they rest on

create table ops_kept_answers (question text primary key, digest text not null, answer text not null) without rowid;
