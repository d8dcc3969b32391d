-- what left the home, and by whom

create table ops_audit (audit_id integer primary key autoincrement, recorded_at text not null,
    action text not null, author text not null, subject text not null, detail text not null);

create trigger ops_audit_is_never_changed before update on ops_audit
    begin select raise(abort, 'a record of the audit trail is never changed'); end;

create trigger ops_audit_is_never_shortened before delete on ops_audit
    begin select raise(abort, 'a record of the audit trail is never taken out'); end;
