-- from which inputs and with which statements each table was built

create table ops_built_models (model text primary key, build_id text not null, fingerprint text not null);
