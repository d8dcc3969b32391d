"""What the rules of the last build say about files that are not loaded yet, and how these differ from what is known."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field

from pipeline.config import Settings
from pipeline.contracts import Rule, SourceContract, load_contracts
from pipeline.errors import InputRefused
from pipeline.ingest.loader import arranged, identify
from pipeline.ingest.reader import Table
from pipeline.privacy import masked_value, sensitive_columns
from pipeline.quality import differences, scratch
from pipeline.quality import preflight as bench
from pipeline.quality.differences import TOP
from pipeline.services.intake import Waiting, inspected, look
from pipeline.store import warehouse_state
from pipeline.store.database import Database, open_scratch, warehouse_exists
from pipeline.store.statements import has_relation

#: Rows of a file that are judged while the page waits; more are judged on request, in a process of its own.
HEAD_ROWS = 20_000
REJECTS_TOLD = 10
#: Memory for the temporary tables of whole files; the rest of them lies on disk.
WHOLE_CACHE_KIB = 256 * 1024

Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class FileReport:
    """One file judged before it is loaded, as plain data with patient values masked.

    `is_whole` is False when only its first `rows` rows were judged; `fates` counts rows by what the next build would make of
    them; `waits` are rules that only a build can judge; `held` says that the load would wait at the batch gate.
    `difference` is None where nothing is known to compare with.
    """

    tray_id: str
    entity: str
    rows: int
    is_whole: bool
    fates: dict[str, int]
    rules: list[dict]
    cells: list[dict]
    rejected: int
    rejects: list[dict]
    profile: list[dict]
    difference: dict | None
    waits: list[str]
    held: bool
    seconds: float = 0.0


@dataclass(frozen=True)
class Preflight:
    """Reports by tray id; `unjudged` says why there is none (no build yet), '' when there is."""

    reports: dict[str, FileReport] = field(hash=False)
    unjudged: str = ""


def can_judge(settings: Settings) -> bool:
    """Whether a build has left its statements and its reference lists in this home."""
    if not warehouse_exists(settings):
        return False
    compiled = scratch.compiled_models(settings.dbt_dir)
    with open_scratch(settings) as connection:
        return all(scratch.has_statements(compiled, entity) and has_relation(connection, f"checked_{entity}")
                   for entity in load_contracts())


def check(settings: Settings, files: Sequence[Waiting], rows_at_most: int | None = HEAD_ROWS,
          progress: Progress | None = None) -> Preflight:
    """Judge files of the tray together, parents before children, so that a child finds the parents that came with it.

    `rows_at_most` rows of each (None: all of them); `progress` hears (share done, what is being done). Nothing is written.
    """
    if not can_judge(settings):
        return Preflight({}, "The rules judge files before they are loaded once something was built in this home.")
    started, told = time.monotonic(), progress or (lambda share, what: None)
    tables = _tables(settings, files)
    compiled, contracts, found = scratch.compiled_models(settings.dbt_dir), load_contracts(), {}
    with open_scratch(settings) as connection:
        if rows_at_most is None:
            connection.execute("pragma temp_store = file")
            connection.execute(f"pragma temp.cache_size = -{WHOLE_CACHE_KIB}")
        bench.set_up(connection)
        taken = {}
        for place, (waits, table, match, entity) in enumerate(tables):
            told(0.4 * place / len(tables), f"Reading {waits.name}")
            taken[waits.tray_id] = _take(connection, contracts[entity], waits, table, match, rows_at_most,
                                         lambda share, place=place, name=waits.name:
                                         told(0.4 * (place + share) / len(tables), f"Reading {name}"))
        present = [entity for entity in contracts if any(each[3] == entity for each in tables)]
        for place, entity in enumerate(present):
            told(0.4 + 0.4 * place / len(present), f"Judging {entity.replace('_', ' ')}")
            bench.judge(connection, compiled, contracts[entity], [contracts[each] for each in present if each != entity])
        stamp = warehouse_state.build_stamp(connection)
        for place, (waits, _, _, entity) in enumerate(tables):
            told(0.8 + 0.2 * place / len(tables), f"Comparing {waits.name} with what is known")
            found[waits.tray_id] = _report(connection, settings, contracts[entity], waits, taken[waits.tray_id],
                                           stamp["as_of"] if stamp else None, time.monotonic() - started)
    told(1.0, "Done")
    return Preflight(found)


@dataclass
class _Taken:
    load_id: str = ""
    rows: int = 0
    rejected: int = 0
    is_whole: bool = True
    rejects: list[dict] = field(default_factory=list)


def _tables(settings: Settings, files: Sequence[Waiting]) -> list[tuple]:
    found = []
    for waits in files:
        if look(settings, waits).is_ready:
            table, recognised = identify(waits.delivery, load_contracts(), waits.reading, inspected(waits))
            found.append((waits, table, recognised.match, recognised.contract.entity))
    return found


def _take(connection: Database, contract: SourceContract, waits: Waiting, table: Table, match, rows_at_most: int | None,
          progress: Callable[[float], None]) -> _Taken:
    """Put at most so many rows of a file on the bench."""
    taken = _Taken()

    def batches() -> Iterator:
        try:
            for batch in table.batches(lambda done, total: progress(done / max(total, 1))):
                if rows_at_most is not None and taken.rows + len(batch.rows) > rows_at_most:
                    taken.is_whole = False
                    return
                taken.rows += len(batch.rows)
                taken.rejected += len(batch.rejects)
                taken.rejects += [{"line": each.line, "reason": each.reason} for each in batch.rejects][:REJECTS_TOLD - len(taken.rejects)]
                yield arranged(batch, match, contract.delivered, table.header)
        except InputRefused as error:
            taken.is_whole = False
            taken.rejects.insert(0, {"line": None, "reason": " ".join(str(error).split())})

    taken.load_id = bench.take_rows(connection, contract, waits.name, batches())
    return taken


def _report(connection: Database, settings: Settings, contract: SourceContract, waits: Waiting, taken: _Taken,
            as_of: str | None, seconds: float) -> FileReport:
    found = bench.verdict(connection, contract, taken.load_id)
    rules = {rule.name: rule for rule in contract.rules}
    masked = sensitive_columns(f"checked_{contract.entity}")
    held_share = found.fates.get("quarantined", 0) / found.rows if found.rows else 0.0
    return FileReport(
        waits.tray_id, contract.entity, taken.rows, taken.is_whole, found.fates,
        [asdict(hit) | _explained(rules[hit.rule_name]) for hit in found.rules],
        [asdict(cell) | {"value": _shown(cell.value, cell.column, masked, as_of)} for cell in found.cells],
        taken.rejected, taken.rejects,
        [_profile(each, masked, as_of, found.rows) for each in differences.profile(connection, contract, taken.load_id)],
        _difference(differences.difference(connection, contract, taken.load_id, taken.is_whole), masked, as_of),
        list(bench.waiting_rules(contract)), held_share > settings.gate_threshold, round(seconds, 2))


def _explained(rule: Rule) -> dict[str, str]:
    return {"why": rule.why, "remedy": rule.remedy}


def _profile(each: differences.ColumnProfile, masked: Mapping[str, str], as_of: str | None, rows: int) -> dict:
    """Counts of one column; of its values the range of amounts, or the commonest, masked before they are counted."""
    counts: dict[str, int] = {}
    for value, count in each.top:
        shown = _shown(value, each.column, masked, as_of) or ""
        counts[shown] = counts.get(shown, 0) + count
    most = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:TOP]
    if each.filled and each.distinct == each.filled:
        told = "every value different"
    elif each.low is not None and each.high is not None:
        told = f"{each.low:,.2f} to {each.high:,.2f}"
    else:
        told = ", ".join(f"{value} ({count:,})" for value, count in most)
    return {"column": each.column, "filled": each.filled / rows if rows else None, "empty": rows - each.filled,
            "distinct": each.distinct, "values": told}


def _difference(found: differences.Difference, masked: Mapping[str, str], as_of: str | None) -> dict:
    return asdict(found) | {"sample": [{
        "line": cell.line, "key": ", ".join(_shown(value, name, masked, as_of) or "empty" for name, value in cell.key.items()),
        "column": cell.column, "old": _shown(cell.old, cell.column, masked, as_of) or "empty",
        "new": _told_apart(cell, masked, as_of),
    } for cell in found.sample]}


def _told_apart(cell: differences.ChangedCell, masked: Mapping[str, str], as_of: str | None) -> str:
    """The new value; where its mask is that of the old one, it says that the value behind it is another."""
    shown = _shown(cell.new, cell.column, masked, as_of) or "empty"
    return f"{shown} (another value)" if shown == _shown(cell.old, cell.column, masked, as_of) else shown


def _shown(value: str | None, column: str | None, masked: Mapping[str, str], as_of: str | None) -> str | None:
    if value is None or column is None:
        return value
    return masked_value(value, column, as_of) if column in masked else value
