-- questions in SQL that somebody gave a name

create table ops_questions (name text primary key, statement text not null, author text not null,
    subject text not null, saved_at text not null);
