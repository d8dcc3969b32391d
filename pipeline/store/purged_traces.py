"""What else a home knows of a load that is purged: names of its file, documents of the runs and
syncs that brought it, words and headers that were remembered of it.
"""

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from sqlite3 import Connection
from typing import Any

from pipeline.store.sqlite.statements import column_types, has_relation, quoted, records
from pipeline.store.warehouse.redo import PURGED

#: Tables of the control file whose rows the audit trail vouches for, character by character.
SEALED = ("ops_audit", "ops_decisions", "ops_gate_releases")
#: What stays of a document about a load beside its numbers.
KEPT_KEYS = ("load_id", "load_ids", "entity", "status", "state")


@dataclass(frozen=True)
class Traces:
    """What no other load has: `names` of the file and of the archive that it came in, the longest
    first; `words` (column, word) that were stated for it; whether its `header` and its `sheet` are
    its own. The key under which a connector brought it holds no name, and stays: without it the
    file would come back.
    """

    load_id: str
    names: tuple[str, ...]
    words: frozenset[tuple[str, str]]
    is_own_header: bool
    is_own_sheet: bool


def traces(warehouse: Connection, load: dict[str, Any]) -> Traces:
    """The traces of a load, read before its rows are taken out."""
    others = records(warehouse, "select * from ops_loads where load_id <> ?", (load["load_id"],))
    known = {name for other in others for name in (other["source_file"], *_archive(other))}
    names = {load["source_file"], *_archive(load)} - known - {PURGED}
    return Traces(
        load["load_id"],
        tuple(sorted(names, key=len, reverse=True)),
        frozenset(_words_of_it_alone(warehouse, load["load_id"])),
        load["header"] not in {other["header"] for other in others},
        load["sheet"] not in {other["sheet"] for other in others},
    )


def _archive(load: dict[str, Any]) -> Iterator[str]:
    archive, slash, _ = load["source_file"].partition("/")
    if slash and "." in archive:
        yield archive


def _words_of_it_alone(warehouse: Connection, load_id: str) -> list[tuple[str, str]]:
    if not has_relation(warehouse, "ops_load_words"):
        return []
    return warehouse.execute(
        "select column_name, delivered from ops_load_words where load_id = ? except "
        "select column_name, delivered from ops_load_words where load_id <> ?",
        (load_id, load_id),
    ).fetchall()


def forget_names(connection: Connection, names: Iterable[str]) -> None:
    """Take names out of every text of bookkeeping, also where they stand in JSON."""
    forms = {form for name in names for form in (name, *_in_json(name))}
    for table, column in _texts(connection):
        for form in sorted(forms, key=len, reverse=True):
            connection.execute(
                f"update {quoted(table)} set {quoted(column)} = replace({quoted(column)}, ?, ?) "
                f"where instr({quoted(column)}, ?)",
                (form, PURGED, form),
            )


def _in_json(name: str) -> tuple[str, str]:
    return json.dumps(name)[1:-1], json.dumps(name, ensure_ascii=False)[1:-1]


def forget_documents(control: Connection, load_id: str) -> None:
    """Empty what documents tell of a load, and of the files that came with it and were refused;
    where their run found them is forgotten as well.
    """
    mark = f'%"{load_id}"%'
    control.execute(
        "update ops_runs set paths = '[]', error = iif(error is null, null, ?) "
        "where finished_at is not null and result like ?",
        (PURGED, mark),
    )
    control.create_function("without_load", 1, lambda text: _emptied(text, load_id))
    for table, column in _texts(control):
        control.execute(
            f"update {quoted(table)} set {quoted(column)} = without_load({quoted(column)}) "
            f"where {quoted(column)} like ?",
            (mark,),
        )


def _emptied(text: str, load_id: str) -> str:
    try:
        document = json.loads(text)
    except ValueError:
        return text
    without = _without(document, load_id)
    return text if without == document else json.dumps(without)


def _without(value: Any, load_id: str) -> Any:
    if isinstance(value, dict):
        if _is_about(value, load_id):
            return _numbers_of(value)
        return {key: _without(each, load_id) for key, each in value.items()}
    if not isinstance(value, list):
        return value
    if any(_is_about(each, load_id) for each in value):
        return [
            _numbers_of(each) if _is_about(each, load_id) or _has_no_load(each) else each
            for each in value
        ]
    return [_without(each, load_id) for each in value]


def _is_about(value: Any, load_id: str) -> bool:
    return isinstance(value, dict) and (
        value.get("load_id") == load_id or load_id in (value.get("load_ids") or ())
    )


def _has_no_load(value: Any) -> bool:
    is_of_file = isinstance(value, dict) and ("load_id" in value or "load_ids" in value)
    return is_of_file and not (value.get("load_id") or value.get("load_ids"))


def _numbers_of(value: Any) -> Any:
    """A document with its form and its numbers, without any other text."""
    if isinstance(value, dict):
        kept = {key: each if key in KEPT_KEYS else _numbers_of(each) for key, each in value.items()}
        return kept | ({"file": PURGED} if "file" in value else {})
    if isinstance(value, list):
        return []
    return "" if isinstance(value, str) else value


def forget_memories(control: Connection, traces: Traces) -> None:
    """Take words and names of its file out of what is remembered of senders; how their files are
    read stays.
    """
    for memory in records(control, "select * from ops_intake_memory"):
        is_its_own = memory["load_id"] == traces.load_id
        told = json.loads(memory["told"])
        if memory["kind"] == "mapping":
            left = {} if is_its_own and traces.is_own_header else told
        else:
            left = _reading_without(told, traces.words, is_its_own and traces.is_own_sheet)
        if not left:
            control.execute(
                "delete from ops_intake_memory where memory_id = ?", (memory["memory_id"],)
            )
        elif left != told:
            control.execute(
                "update ops_intake_memory set told = ? where memory_id = ?",
                (json.dumps(left), memory["memory_id"]),
            )


def _reading_without(
    told: dict[str, Any], words: Collection[tuple[str, str]], is_own_sheet: bool
) -> dict[str, Any]:
    left = {key: value for key, value in told.items() if not (key == "sheet" and is_own_sheet)}
    if "words" in told:
        left["words"] = [each for each in told["words"] if (each[0], each[1]) not in words]
        if not left["words"]:
            del left["words"]
    return left


def _texts(connection: Connection) -> Iterator[tuple[str, str]]:
    """Table and column of every text of bookkeeping that may be changed."""
    for (table,) in connection.execute(
        "select name from sqlite_master where type = 'table' and name glob 'ops_*' order by name"
    ).fetchall():
        if table not in SEALED and not table.startswith("ops_delivered_"):
            for column, kind in column_types(connection, table).items():
                if kind.lower().startswith("text"):
                    yield table, column
