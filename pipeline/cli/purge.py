"""purge."""

from dataclasses import asdict
from typing import Any

import click

from pipeline.cli import text
from pipeline.cli.command import Answer, verb
from pipeline.config import Settings
from pipeline.errors import InputRefused


@verb("purge")
@click.argument("load_ids", metavar="[LOAD_ID ...]", nargs=-1)
@click.option("--expired", is_flag=True, help="Every load older than the setting retention_days.")
@click.option("--reason", required=True, metavar="TEXT", help="Why; it stays in the audit trail.")
@click.option("--by", metavar="NAME", help="Who decides (default: you).")
def purge(
    settings: Settings, load_ids: tuple[str, ...], expired: bool, reason: str, by: str | None
) -> Answer:
    """Take loads out of the home for good: bytes, rows, what was made of them, values of decisions.

    Tables are built again from the loads that stay, the history of features anew. Exports and files
    that wait in the tray go as well. Backups elsewhere are not reached.
    """
    from pipeline.services.run import runs
    from pipeline.services.upload import loads
    from pipeline.services.upload import purge as service

    if expired == bool(load_ids):
        raise InputRefused(
            "name loads, or give --expired", "purge", "see the load history for the ids in use"
        )
    chosen = service.expired(settings) if expired else list(load_ids)
    layers = runs.built_layers(settings)
    purged = [service.purge(settings, load_id, reason, by) for load_id in chosen]
    document: dict[str, Any] = {"purged": [asdict(one) for one in purged], "build_status": None}
    lines = [
        f"{one.load_id} is purged: {text.counted(one.rows, 'row')}"
        + ("" if one.bytes_removed else "; another load has the same bytes, which stay")
        for one in purged
    ] or ["no load is older than the setting retention_days"]
    if purged and layers and (loads.history(settings).status == "loaded").any():
        result = runs.run_now(settings, verb="build", layers=layers)
        document["build_status"] = result.status
        lines.append(f"the layers are built again ({result.run_id})")
    return Answer(document, ("\n".join(lines),))
