"""Alerts: look now, see what was told, try the channels."""

from dataclasses import dataclass

from pipeline.config import Settings
from pipeline.errors import InputRefused
from pipeline.orchestrate import alerting
from pipeline.orchestrate.alerting import Dispatch
from pipeline.services.access.roles import ADMINISTER, OPERATE, SEE, needs
from pipeline.store.control import alerts
from pipeline.store.control.alerts import Alert, Condition, Delivery
from pipeline.store.control.control_file import open_control
from pipeline.store.sqlite.clock import utc_now
from pipeline.store.sqlite.database import warehouse_exists

TRY = Alert(0, "failed", "try", "This is a try; nothing is wrong.", "overview", "", None)


@dataclass(frozen=True)
class Told:
    """An alert with what became of it on each channel."""

    alert: Alert
    deliveries: tuple[Delivery, ...]


@needs(OPERATE)
def check(settings: Settings, task: str | None = None) -> Dispatch:
    """Judge runs, loads, freshness and drift as they are now and tell the channels of what is new.
    `task` is one of a scheduler that failed; it is told unless a run is that has failed.

    Raises InputRefused without the setting `alerts_file`, and for a wrong file.
    """
    from pipeline.declared.alert_rules import read_alert_rules
    from pipeline.orchestrate.alert_conditions import conditions, word

    if settings.alerts_file is None:
        raise InputRefused("is not set", "alerts_file", "see docs/operate.md")
    rules = read_alert_rules(settings.alerts_file)
    more = _drifted(settings) if rules.limits.drift else []
    if task and not any(each.event == "failed" for each in conditions(settings, rules)):
        name = word(task)
        more.append(
            Condition("task", f"task {name}", f"Task {name} failed.", "run_history", is_state=False)
        )
    return alerting.look(settings, more, ("drift",) if rules.limits.drift else ())


def _drifted(settings: Settings) -> list[Condition]:
    if not warehouse_exists(settings):
        return []
    from pipeline.orchestrate.alert_conditions import word
    from pipeline.services.features.drift import drift

    return [
        Condition(
            "drift",
            f"drift {word(table.table)} {table.to_moment}",
            f"Features of {word(table.table)} drifted by {table.to_moment}: "
            + ", ".join(
                word(feature.feature) for feature in table.features if feature.verdict == "drifted"
            )
            + ".",
            "features",
            is_state=False,
        )
        for table in drift(settings).tables
        if table.verdict == "drifted"
    ]


@needs(SEE)
def listed(settings: Settings, limit: int = 50) -> list[Told]:
    """The newest alerts first, closed ones too."""
    with open_control(settings) as control:
        newest = alerts.newest(control, limit)
        sent = alerts.deliveries(control, {alert.alert_id for alert in newest})
    return [
        Told(alert, tuple(each for each in sent if each.alert_id == alert.alert_id))
        for alert in newest
    ]


@needs(ADMINISTER)
def try_channels(settings: Settings) -> dict[str, str | None]:
    """Send a message that says it is a try to every channel; returns name -> why it was not sent,
    None when it was. Raises as `check`.
    """
    from dataclasses import replace

    from pipeline.declared.alert_rules import read_alert_rules
    from pipeline.orchestrate.alert_channels import NotSent, send

    if settings.alerts_file is None:
        raise InputRefused("is not set", "alerts_file", "see docs/operate.md")
    rules = read_alert_rules(settings.alerts_file)
    outcome: dict[str, str | None] = {}
    for channel in rules.channels:
        try:
            send(rules, channel, [replace(TRY, raised_at=utc_now())])
        except NotSent as error:
            outcome[channel.name] = error.one_line
        else:
            outcome[channel.name] = None
    return outcome
