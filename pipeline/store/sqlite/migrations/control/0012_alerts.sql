-- what was worth an alert, and whom it reached

create table ops_alerts (alert_id integer primary key autoincrement, event text not null, key text not null,
    sentence text not null, path text not null, raised_at text not null, closed_at text);

create unique index ux_ops_alerts__open on ops_alerts (key) where closed_at is null;

create table ops_alert_deliveries (alert_id integer, channel text, attempts integer not null, sent_at text,
    error text, primary key (alert_id, channel)) without rowid;
