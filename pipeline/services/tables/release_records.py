"""What is written down of rows that leave: who takes which under which profile (`Request`), the
manifest of what was done to each column, and the record in the audit trail.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from pipeline.config import Settings
from pipeline.config.project import project_version
from pipeline.privacy.misplaced_values import name_shape
from pipeline.services.access.roles import SEE, needs
from pipeline.services.quarantine import audit_text
from pipeline.services.why import absent_sources
from pipeline.store.control import audit
from pipeline.store.control.control_file import open_control
from pipeline.store.sqlite.clock import utc_now
from pipeline.store.sqlite.statements import transaction

DEFAULT_PROFILE = "safe_harbor"
MANIFEST = ".manifest.json"
FOLDER = "exports"


@dataclass(frozen=True)
class Request:
    """Who takes what along, under which profile, and why: `action` is export, download or push,
    `note` the reason, `stamp` the build that the rows are of, `filters` which rows.
    """

    subject: str
    profile: str = DEFAULT_PROFILE
    author: str = ""
    action: str = "export"
    note: str = ""
    filters: Sequence[Mapping[str, Any]] = ()
    stamp: Mapping[str, Any] = field(default_factory=dict)

    @property
    def as_of(self) -> str | None:
        """The day on which ages are counted."""
        return self.stamp.get("as_of")


def manifests(settings: Settings) -> list[dict[str, Any]]:
    """Manifests of the exports that lie in the home, newest first."""
    found = []
    for beside in (settings.home / FOLDER).glob(f"*{MANIFEST}"):
        path = beside.with_name(beside.name.removesuffix(MANIFEST))
        if path.exists():
            manifest = json.loads(beside.read_text(encoding="utf-8"))
            found.append({**manifest, "file": str(path), "manifest": str(beside)})
    return sorted(found, key=lambda manifest: manifest["made_at"], reverse=True)


def as_they_are(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{"name": str(name), "treatment": "kept"} for name in frame.columns]


def manifest_of(settings: Settings, request: Request, written: int, digest: str) -> dict[str, Any]:
    absent = absent_sources.of_subject(settings, request.subject)
    return {
        "table": request.subject,
        "profile": request.profile,
        "rows": written,
        "made_at": utc_now(),
        **request.stamp,
        "project_version": project_version(),
        "sha256": digest,
        "made_by": request.author,
        "note": audit_text.words(request.note),
        "filters": list(request.filters),
        "absent_sources": {source.name: source.state for source in absent},
    }


@needs(SEE)
def record(settings: Settings, request: Request, manifest: dict[str, Any], name: str) -> None:
    facts = {"file": name_shape(name, request.subject), "author": request.author, **manifest}
    with open_control(settings) as control, transaction(control):
        audit.append(control, request.action, request.subject, facts)
