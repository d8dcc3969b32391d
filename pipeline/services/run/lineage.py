"""The OpenLineage events of runs: see them, and send them again."""

from typing import Any

from pipeline.config import Settings
from pipeline.errors import InputRefused
from pipeline.orchestrate import lineage_events, lineage_transport
from pipeline.services.access.roles import OPERATE, SEE, needs


@needs(SEE)
def events(settings: Settings, run_id: str) -> list[dict[str, Any]]:
    """The events of a run that has ended, as plain values.

    Raises InputRefused when there is no such run, when it has not ended, or without the client.
    """
    return lineage_events.as_json(settings, run_id)


@needs(OPERATE)
def send(settings: Settings, run_id: str) -> int:
    """Send the events of a run that has ended; how many.

    Raises InputRefused without the setting `openlineage_file`, and as `events` does; PipelineError
    when the transport fails.
    """
    if settings.openlineage_file is None:
        raise InputRefused("is not set", "openlineage_file", "see docs/operate.md")
    return lineage_transport.send_events(settings, run_id)
