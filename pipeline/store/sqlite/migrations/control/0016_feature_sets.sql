-- training sets by name and version

create table ops_feature_sets (name text, version integer, features text not null check (json_valid(features)),
    mature_only integer not null, author text not null, saved_at text not null,
    primary key (name, version)) without rowid;
