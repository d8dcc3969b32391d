"""The plan of a build: for each call of dbt, its nodes in order with the conversations that dbt had
with the database, kept in a file so that a later build holds them without dbt.

A plan belongs to one state of the project's files, one version of dbt and its adapter, and one
target. Inside it, a call is known by its layer, its models, its flags and variables, and by the
relations that stood when it began: everything that dbt's statements can depend on, the answers to
its own questions aside, which are compared while the plan is carried out.
"""

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from sqlite3 import Connection
from typing import Any

from pipeline.declared.layers import Layer
from pipeline.store.sqlite.home_files import FILE_MODE
from pipeline.transform.conversation import Conversation, Turn
from pipeline.transform.parse_cache import NOT_READ, WRITTEN, state_of_files
from pipeline.transform.project_index import ProjectIndex

#: States of the project whose plans are kept: of a few branches and versions, not of every edit.
KEPT_PLANS = 6
#: The form of the file: a plan of another form is not read.
FORM = 1
PACKAGES = ("dbt-core", "dbt-sqlite")


@dataclass
class PlannedCall:
    """One call of dbt: its nodes in order, each with the conversations that are known of it, and
    the compiled statement of each model (path below dbt's target folder -> SQL).
    """

    nodes: list[str]
    conversations: dict[str, list[Conversation]]
    compiled: dict[str, str] = field(default_factory=dict)

    def learn(self, other: "PlannedCall") -> None:
        """Add conversations that went another way."""
        for node, conversations in other.conversations.items():
            known = self.conversations.setdefault(node, [])
            known += [one for one in conversations if one.turns not in [two.turns for two in known]]
        self.compiled |= other.compiled


class BuildPlan:
    """The calls that are known for one state of the project, and the index of its nodes."""

    def __init__(self, index: ProjectIndex, calls: Mapping[str, PlannedCall] | None = None) -> None:
        self.index = index
        self.calls = dict(calls or {})


def project_digest(project_dir: Path) -> str:
    """Hex digest of every file that dbt reads of a project, and of the packages that read them."""
    return _project_digest(project_dir, state_of_files(project_dir))


@lru_cache(maxsize=8)
def _project_digest(project_dir: Path, state: str) -> str:
    digest = hashlib.sha256("".join(version(package) for package in PACKAGES).encode())
    for path in sorted(project_dir.rglob("*")):
        relative = path.relative_to(project_dir)
        if path.is_file() and relative.parts[0] not in NOT_READ:
            digest.update(f"{relative}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def call_key(
    layer: Layer,
    models: Sequence[str] | None,
    full_refresh: bool,
    variables: Mapping[str, Any],
    schema_digest: str,
) -> str:
    """What a call of dbt is known by; dbt's own flags may come from the environment."""
    flags = {name: value for name, value in os.environ.items() if name.startswith("DBT_")}
    parts = [
        layer.label,
        sorted(models) if models else None,
        full_refresh,
        variables,
        schema_digest,
        flags,
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def schema_digest(connection: Connection, relations: Iterable[str]) -> str:
    """Hex digest of the tables and views of a project as they stand: names, kinds, columns."""
    names = set(relations)
    standing = [
        row
        for row in connection.execute(
            "select name, type, sql from sqlite_master where type in ('table', 'view') order by name"
        )
        if row[0].split("__dbt_")[0] in names
    ]
    return hashlib.sha256(json.dumps(standing).encode()).hexdigest()


class PlanStore:
    """The folder of the plans of a project; `target` is the engine."""

    def __init__(self, folder: Path, project_dir: Path, target: str) -> None:
        self._folder, self._project_dir, self._target = folder, project_dir, target

    @property
    def path(self) -> Path:
        """The file of the plan for the project as its files are now."""
        return self._folder / f"{project_digest(self._project_dir)[:20]}-{self._target}.json"

    def load(self) -> BuildPlan | None:
        """The plan, or None when there is none yet."""
        path = self.path
        try:
            with open(path, "rb") as file:
                written = os.fstat(file.fileno()).st_mtime_ns
                plan = _loaded(path, written)
                # of this file: one that replaces it meanwhile keeps its own time of writing
                with suppress(OSError):  # in a folder of somebody else the time of use is not kept
                    os.utime(file.fileno(), ns=(time.time_ns(), written))
                return plan
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def learn(self, index: ProjectIndex, key: str, call: PlannedCall, parsed: Path) -> None:
        """Add what one call of dbt said; `parsed` is the folder with dbt's files of its parse."""
        path = self.path
        self._folder.mkdir(parents=True, exist_ok=True)
        with _alone(self._folder / "plans.lock"):
            plan = self.load() or BuildPlan(index)
            if key in plan.calls:
                plan.calls[key].learn(call)
            else:
                plan.calls[key] = call
            _write(path, _as_json(plan))
            for name in WRITTEN:
                if (parsed / name).exists():
                    _write(self._parse_path(name), (parsed / name).read_bytes())
            self._forget_older_plans()

    def _forget_older_plans(self) -> None:
        """Keep the plans of the few states of the project that were used last; each is a few MB."""
        plans = sorted(
            self._folder.glob(f"*-{self._target}.json"),
            key=lambda path: path.stat().st_atime_ns,
            reverse=True,
        )
        for plan in plans[KEPT_PLANS:]:
            for path in self._folder.glob(f"{plan.stem}.*"):
                path.unlink(missing_ok=True)

    def hand_out_parse(self, target_dir: Path) -> None:
        """Put dbt's parse of the project where services and a later dbt look for it."""
        target_dir.mkdir(parents=True, exist_ok=True)
        for name in WRITTEN:
            kept = self._parse_path(name)
            if kept.exists() and not _is_copy(kept, target_dir / name):
                shutil.copyfile(kept, target_dir / name)
                os.utime(target_dir / name, ns=(kept.stat().st_atime_ns, kept.stat().st_mtime_ns))

    def _parse_path(self, name: str) -> Path:
        return self.path.with_suffix(f".{name}")


def _is_copy(kept: Path, path: Path) -> bool:
    if not path.exists():
        return False
    one, two = kept.stat(), path.stat()
    return (one.st_size, one.st_mtime_ns) == (two.st_size, two.st_mtime_ns)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with open(lock, "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _write(path: Path, content: bytes) -> None:
    descriptor, made = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(content)
    os.chmod(made, FILE_MODE)
    os.replace(made, path)


@lru_cache(maxsize=4)
def _loaded(path: Path, modified: int) -> BuildPlan:
    document = json.loads(path.read_bytes())
    if document["form"] != FORM:
        raise KeyError("form")
    texts = document["texts"]

    def conversation(node: str, kept: Mapping[str, Any]) -> Conversation:
        turns = [
            Turn(
                texts[sql],
                tuple(parameters),
                None if answer is None else tuple(tuple(row) for row in answer),
            )
            for sql, parameters, answer in kept["turns"]
        ]
        return Conversation(node, turns, kept["outcome"])

    calls = {
        key: PlannedCall(
            call["nodes"],
            {
                node: [conversation(node, kept) for kept in conversations]
                for node, conversations in call["conversations"].items()
            },
            {name: texts[sql] for name, sql in call["compiled"].items()},
        )
        for key, call in document["calls"].items()
    }
    return BuildPlan(ProjectIndex.from_dicts(document["index"]), calls)


def _as_json(plan: BuildPlan) -> bytes:
    texts: dict[str, int] = {}

    def number(text: str) -> int:
        return texts.setdefault(text, len(texts))

    calls = {
        key: {
            "nodes": call.nodes,
            "conversations": {
                node: [
                    {
                        "turns": [
                            [number(turn.sql), turn.parameters, turn.answer] for turn in one.turns
                        ],
                        "outcome": one.outcome,
                    }
                    for one in conversations
                ]
                for node, conversations in call.conversations.items()
            },
            "compiled": {name: number(sql) for name, sql in call.compiled.items()},
        }
        for key, call in plan.calls.items()
    }
    document = {
        "form": FORM,
        "index": plan.index.as_dicts(),
        "calls": calls,
        "texts": list(texts),
    }
    return json.dumps(document, separators=(",", ":")).encode()
