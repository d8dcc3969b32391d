-- how far the audit trail had come when each build was published

create table ops_audit_heads (n integer not null, hash text not null, build_id text not null, noted_at text not null, primary key (n, hash));
