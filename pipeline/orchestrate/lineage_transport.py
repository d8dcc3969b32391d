"""Send the OpenLineage events of a run to wherever the file of the official client says."""

from typing import Any

from pipeline.config import Settings
from pipeline.declared.yaml_files import read_yaml
from pipeline.errors import InputRefused, PipelineError
from pipeline.orchestrate.lineage_events import events, need_client


def send_events(settings: Settings, run_id: str) -> int:
    """Send the events of a run that has ended by the transport that the file of the setting
    `openlineage_file` names; how many were sent, 0 without the setting.

    Raises InputRefused when the file or the client is missing, and PipelineError when the transport
    does not take an event; those that follow it are then not sent.
    """
    if settings.openlineage_file is None:
        return 0
    client = _client(settings)
    sent = 0
    made = list(events(settings, run_id))
    try:
        for event in made:
            client.emit(event)
            sent += 1
    except Exception as error:
        # the text of an error of a transport may hold its address with a password
        raise PipelineError(
            f"{sent} events of {run_id} were sent, then the transport failed ({type(error).__name__})",
            "OpenLineage",
            f"see {settings.openlineage_file.name}; again: icon-health runs events {run_id} --send",
        ) from error
    finally:
        client.close(timeout=5.0)
    return sent


def _client(settings: Settings) -> Any:
    need_client()
    from openlineage.client import OpenLineageClient

    path = settings.openlineage_file
    if path is None or not path.is_file():
        raise InputRefused("is no file", f"openlineage_file {path}", "see docs/operate.md")
    try:
        config = read_yaml(path)
        if config["transport"]["type"]:  # without one the client would print
            return OpenLineageClient(config=config)
        why = "type"
    except Exception as error:
        why = type(error).__name__
    raise InputRefused(
        f"names no transport that the client knows ({why})",
        f"openlineage_file {path.name}",
        "see docs/operate.md",
    )
