-- who may write the warehouse, and under which lease a run runs

create table ops_leases (name text primary key, number integer not null, secret text, who text, since text,
    host text, boot text, place text, pid integer, start text, beats integer not null, seconds real not null);

create table ops_lease_watches (name text, boot text, secret text not null, beats integer not null,
    seen_at real not null, primary key (name, boot)) without rowid;

alter table ops_runs add column lease integer;
