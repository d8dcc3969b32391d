"""Alerts and whom they reached (`ops_alerts`, `ops_alert_deliveries` in the control file).

An alert is open while what it tells of lasts. The same is told once, and again only when it lasts
for long; when it is over and comes back it is another alert.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from sqlite3 import Connection

from pipeline.store.sqlite.clock import days_ago, utc_now
from pipeline.store.sqlite.statements import records, transaction

#: After so many failures a channel is given up for an alert; it stays on the list as not sent.
MOST_ATTEMPTS = 8


@dataclass(frozen=True)
class Condition:
    """Something that is worth an alert: `key` names it, `sentence` says it in ids, names of sources
    and models, and numbers; `path` is the page that shows it. `is_state` when it lasts, so that it
    is told again.
    """

    event: str
    key: str
    sentence: str
    path: str
    is_state: bool = True


@dataclass(frozen=True)
class Alert:
    """One alert; times are UTC text, `closed_at` None while it is open."""

    alert_id: int
    event: str
    key: str
    sentence: str
    path: str
    raised_at: str
    closed_at: str | None


@dataclass(frozen=True)
class Delivery:
    """What became of an alert on one channel; `error` is why the last attempt failed."""

    alert_id: int
    channel: str
    attempts: int
    sent_at: str | None
    error: str | None


def note(
    control: Connection,
    conditions: Sequence[Condition],
    watched: Collection[str],
    channels: dict[str, Collection[str]],
    repeat_hours: float,
) -> list[Alert]:
    """Raise what is new, close what is over among the events `watched`; returns what was raised.
    `channels` are names with the events that each is told of.
    """
    now, repeat_before = utc_now(), days_ago(repeat_hours / 24)
    present = {condition.key: condition for condition in conditions}
    with transaction(control):
        for alert in open_alerts(control):
            condition = present.get(alert.key)
            is_over = condition is None and alert.event in watched
            is_old = condition is not None and condition.is_state
            if is_over or (is_old and alert.raised_at < repeat_before):
                control.execute(
                    "update ops_alerts set closed_at = ? where alert_id = ?", (now, alert.alert_id)
                )
            else:
                present.pop(alert.key, None)
        raised = []
        for condition in present.values():
            cursor = control.execute(
                "insert into ops_alerts (event, key, sentence, path, raised_at) values (?, ?, ?, ?, ?)",
                (condition.event, condition.key, condition.sentence, condition.path, now),
            )
            control.executemany(
                "insert into ops_alert_deliveries (alert_id, channel, attempts) values (?, ?, 0)",
                [
                    (cursor.lastrowid, channel)
                    for channel, events in channels.items()
                    if condition.event in events
                ],
            )
            raised.append(cursor.lastrowid)
    return [alert for alert in open_alerts(control) if alert.alert_id in raised]


def open_alerts(control: Connection) -> list[Alert]:
    """What lasts, oldest first."""
    return _alerts(control, "where closed_at is null order by alert_id")


def newest(control: Connection, limit: int) -> list[Alert]:
    """The newest first, closed ones too."""
    return _alerts(control, "order by alert_id desc limit ?", limit)


def waiting(control: Connection, channel: str) -> list[Alert]:
    """Open alerts that a channel has not been told of yet, oldest first."""
    return _alerts(
        control,
        "join ops_alert_deliveries using (alert_id) where closed_at is null and channel = ? "
        "and sent_at is null and attempts < ? order by alert_id",
        channel,
        MOST_ATTEMPTS,
    )


def note_attempt(
    control: Connection, alerts: Sequence[Alert], channel: str, error: str | None
) -> None:
    """Store that a channel was told of alerts, or why not."""
    with transaction(control):
        control.executemany(
            "update ops_alert_deliveries set attempts = attempts + 1, error = ?, sent_at = ? "
            "where alert_id = ? and channel = ?",
            [(error, None if error else utc_now(), alert.alert_id, channel) for alert in alerts],
        )


def close_told(control: Connection, event: str) -> None:
    """Close alerts of an event that is over at once, when nobody has to be told any more."""
    control.execute(
        "update ops_alerts set closed_at = ? where closed_at is null and event = ? and not exists "
        "(select 1 from ops_alert_deliveries as each where each.alert_id = ops_alerts.alert_id "
        "and sent_at is null and attempts < ?)",
        (utc_now(), event, MOST_ATTEMPTS),
    )


def deliveries(control: Connection, alert_ids: Collection[int]) -> list[Delivery]:
    """What became of these alerts, channel by channel."""
    return [
        Delivery(**row)
        for row in records(control, "select * from ops_alert_deliveries order by alert_id, channel")
        if row["alert_id"] in alert_ids
    ]


def undelivered(control: Connection) -> int:
    """How many open alerts a channel was not told of, though it was tried."""
    (count,) = control.execute(
        "select count(*) from ops_alert_deliveries join ops_alerts using (alert_id) "
        "where closed_at is null and sent_at is null and error is not null"
    ).fetchone()
    return count


def _alerts(control: Connection, rest: str, *parameters: object) -> list[Alert]:
    rows = records(
        control,
        f"select alert_id, event, key, sentence, path, raised_at, closed_at from ops_alerts {rest}",
        parameters,
    )
    return [Alert(**row) for row in rows]
