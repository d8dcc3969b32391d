"""`_manifest.json`: what was written, what was planted, what waits because of it, what to
expect.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from pipeline.synthetic.plan import DeliveryPlan
from pipeline.synthetic.writing import WrittenFile

FORMAT_VERSION = 1


def delivery_entry(
    plan: DeliveryPlan,
    folder: str,
    files: list[WrittenFile],
    cascades: dict[str, int],
    variants: list[dict[str, str]],
) -> dict:
    """The part of the manifest that describes one delivery; `folder` is relative to the
    manifest.
    """
    return {
        "delivery": plan.number,
        "folder": folder,
        "files": [
            {
                "entity": f.entity,
                "file": f.path.name,
                "rows": f.rows,
                "bytes": f.size_bytes,
                "sha256": f.sha256,
            }
            for f in files
        ],
        "events": plan.events,
        "planted": [
            asdict(note) | {"file": f.path.name, "line": line}
            for f in files
            for note, line in f.planted
        ],
        "cascades": cascades,
        "variants": variants,
    }


def write_manifest(
    path: Path, settings: dict, deliveries: list[dict], expected: list[dict] | None
) -> None:
    """Writes the manifest: settings, deliveries, and the oracle's state after each delivery (None:
    not judged).
    """
    document = {
        "format_version": FORMAT_VERSION,
        "settings": settings,
        "deliveries": deliveries,
        "expected": expected,
    }
    path.write_bytes((json.dumps(document, indent=1, sort_keys=False) + "\n").encode())
