"""Look at a home, raise alerts, and tell the channels; after each run, and when somebody asks.

An alert that cannot be sent fails no run: it stays on record with the reason, is tried again at the
next look, and is told on stderr and by `alerts list`, the metrics and the health endpoint.
"""

import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from pipeline.config import Settings
from pipeline.errors import LeaseLost, PipelineBusy, PipelineError, as_pipeline_error
from pipeline.orchestrate.lock import hold_file
from pipeline.store.control import alerts
from pipeline.store.control.alerts import Alert, Condition
from pipeline.store.control.control_file import open_control
from pipeline.store.sqlite.clock import now

LOCK = "alerts.lock"
#: Longer than a few channels that do not answer take.
PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Dispatch:
    """What one look came to: alerts raised by it, how many messages went out, and why others did
    not.
    """

    raised: tuple[Alert, ...]
    messages: int
    failures: tuple[str, ...]


def look(
    settings: Settings, more: Sequence[Condition] = (), also_watched: Sequence[str] = ()
) -> Dispatch:
    """Raise and close alerts as the home is now, and tell the channels; nothing without the setting
    `alerts_file`. `more` are conditions of the events `also_watched`, which the caller has judged.

    Raises InputRefused for a wrong file.
    """
    if settings.alerts_file is None:
        return Dispatch((), 0, ())
    # pydantic takes a tenth of a second, which only who has a file pays
    from pipeline.declared.alert_rules import read_alert_rules
    from pipeline.orchestrate.alert_channels import NotSent, send
    from pipeline.orchestrate.alert_conditions import WATCHED, conditions

    rules = read_alert_rules(settings.alerts_file)
    present = [*conditions(settings, rules), *more]
    messages, failures = 0, []
    with (
        hold_file(settings.home / LOCK, "sending alerts", PATIENCE_SECONDS),
        open_control(settings) as control,
    ):
        raised = alerts.note(
            control,
            present,
            {*WATCHED, *also_watched},
            {channel.name: channel.events for channel in rules.channels},
            rules.repeat_hours,
        )
        is_quiet = rules.quiet is not None and rules.quiet.holds(now())
        loud = rules.quiet.except_ if rules.quiet is not None else ()
        for channel in rules.channels:
            waiting = [
                alert
                for alert in alerts.waiting(control, channel.name)
                if not is_quiet or alert.event in loud
            ]
            if not waiting:
                continue
            try:
                send(rules, channel, waiting)
            except NotSent as error:
                failures.append(error.one_line)
                alerts.note_attempt(control, waiting, channel.name, error.one_line)
            else:
                messages += 1
                alerts.note_attempt(control, waiting, channel.name, None)
        alerts.close_told(control, "task")
    return Dispatch(tuple(raised), messages, tuple(failures))


@contextmanager
def after_run(settings: Settings) -> Iterator[list[str]]:
    """Tell whoever wants to know how the run of the block ended, whose id the block adds to the
    list; however that goes, the run ends as it ended.
    """
    ended: list[str] = []
    try:
        yield ended
    except BaseException as caught:
        if isinstance(caught, LeaseLost) or not isinstance(caught, PipelineBusy):
            _tell(settings, ended)
        raise
    _tell(settings, ended)


def _tell(settings: Settings, ended: Sequence[str]) -> None:
    if settings.openlineage_file is not None:
        from pipeline.orchestrate.lineage_transport import send_events

        for run_id in ended:
            try:
                send_events(settings, run_id)
            except Exception as error:
                print(f"lineage not sent: {as_pipeline_error(error).one_line}", file=sys.stderr)
    try:
        failures = look(settings).failures
    except (PipelineError, OSError, sqlite3.DatabaseError) as error:
        failures = (" ".join(str(error).split()),)
    for failure in failures:
        print(f"alert not sent: {failure}", file=sys.stderr, flush=True)
