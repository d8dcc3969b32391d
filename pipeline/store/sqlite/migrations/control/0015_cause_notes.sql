-- who takes care of a cause for which rows wait, until when, and comments

create table ops_cause_notes (note_id integer primary key, cause_id text not null, entity text not null,
    rule_id text not null, kind text not null check (kind in ('assign', 'due', 'comment')), text text not null,
    author text not null, noted_at text not null, number text not null);

create trigger ops_cause_notes__no_update before update on ops_cause_notes begin select raise(abort, 'a note on a cause is never changed'); end;

create trigger ops_cause_notes__no_delete before delete on ops_cause_notes begin select raise(abort, 'a note on a cause is never taken out'); end;
