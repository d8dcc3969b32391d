-- how far a first visitor has come

create table ops_tour (step text primary key, noted_at text);
