-- who did what, append-only, and what ties decisions to it

alter table ops_audit rename to ops_former_audit;

drop trigger ops_audit_is_never_changed;

drop trigger ops_audit_is_never_shortened;

create table ops_audit (n integer primary key check (n > 0), at text not null,
    subject text not null check (subject <> ''), action text not null, target text not null,
    detail text not null check (json_valid(detail)), hash text not null check (length(hash) = 64)) strict;

create trigger ops_audit__no_update before update on ops_audit begin select raise(abort, 'the audit trail is append-only'); end;

create trigger ops_audit__no_delete before delete on ops_audit begin select raise(abort, 'the audit trail is append-only'); end;

create trigger ops_audit__next before insert on ops_audit when new.n <= (select coalesce(max(n), 0) from ops_audit) or (new.n > 1 + (select max(n) from ops_audit)) begin select raise(abort, 'audit records come one after another'); end;

create index ix_ops_audit__action on ops_audit (action);

create table ops_decision_seals (decision_id text primary key, number text not null) without rowid;
