"""What the rules of the last build say about files that are not loaded yet, and how these differ
from what is known.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.config import Settings
from pipeline.declared.sources import load_contracts
from pipeline.errors import PipelineError, of_the_machine
from pipeline.ingest import value_words
from pipeline.orchestrate import empty_warehouse
from pipeline.quality import preflight, rule_sandbox
from pipeline.services.tables.bookkeeping import open_bookkeeping
from pipeline.services.upload import releases
from pipeline.services.upload.file_report import FileReport, report
from pipeline.services.upload.file_to_judge import FileToJudge, opened, weighed
from pipeline.services.upload.releases import Releases
from pipeline.services.upload.tray import Waiting
from pipeline.store.sqlite.database import Database, open_scratch, warehouse_exists
from pipeline.store.sqlite.statements import has_relation
from pipeline.store.warehouse import state

__all__ = [
    "HEAD_ROWS",
    "HEAD_ROWS_AT_LEAST",
    "FileReport",
    "Preflight",
    "Progress",
    "can_judge",
    "check",
    "get_ready",
    "is_getting_ready",
]

#: Rows of a file that are judged while the page waits, and of all files together; more are judged
#: on request, in a process of its own.
HEAD_ROWS, HEAD_ROWS_IN_ALL, HEAD_ROWS_AT_LEAST = 20_000, 60_000, 1_000
#: Memory for the temporary tables of whole files, and for pages of the warehouse; what is more lies
#: on disk.
WHOLE_CACHE_KIB = 128 * 1024
#: Shares of the whole work, as measured.
READING, JUDGING = 0.3, 0.6

#: Hears the share done and what is being done.
Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class Preflight:
    """Reports by tray id; `unjudged` says why there is none (no build yet), `broke_off` why not
    every row was judged though somebody asked for it; both are '' when there is nothing to say.
    `failed` says by tray id why the rules themselves failed on a file. `releases` is what they
    would do to rows that wait.
    """

    reports: dict[str, FileReport] = field(hash=False)
    unjudged: str = ""
    broke_off: str = ""
    failed: dict[str, str] = field(default_factory=dict, hash=False)
    releases: Releases = Releases()


def can_judge(settings: Settings) -> bool:
    """Whether there are rules at hand: those of the last build, or before the first those of an
    empty warehouse.
    """
    return _was_built(settings) or empty_warehouse.is_ready(settings)


def get_ready(settings: Settings) -> None:
    """Have the rules built in a process of their own where there are none yet."""
    if not can_judge(settings):
        empty_warehouse.start(settings)


def is_getting_ready(settings: Settings) -> bool:
    """Whether that process is at work."""
    return empty_warehouse.is_being_built(settings)


def _was_built(settings: Settings) -> bool:
    """Whether a build has left its statements and its reference lists in this home."""
    if not warehouse_exists(settings):
        return False
    compiled = rule_sandbox.compiled_models(settings.dbt_dir)
    with open_scratch(settings) as connection:
        return all(
            rule_sandbox.has_statements(compiled, entity)
            and has_relation(connection, f"row_verdicts_{entity}")
            for entity in load_contracts()
        )


def check(
    settings: Settings,
    files: Sequence[Waiting],
    rows_at_most: int | None = HEAD_ROWS,
    progress: Progress | None = None,
) -> Preflight:
    """Judge files of the tray together, parents before children, so that a child finds the parents
    that came with it.

    `rows_at_most` rows of each (None: all of them, with bounded memory), fewer when there are many
    files. Nothing is written.
    """
    if not can_judge(settings):
        return Preflight({}, "There are no rules in this home yet to judge files by.")
    judging = _Judging(
        settings if _was_built(settings) else empty_warehouse.empty_settings(settings),
        _loads_waiting(settings),
        rows_at_most,
        progress or (lambda share, what: None),
    )
    try:
        reports, effect = judging.reports(opened(settings, files))
        return Preflight(reports, releases=effect)
    except Exception as error:
        if isinstance(error, PipelineError) or of_the_machine(error) or rows_at_most is None:
            raise
        return _without_the_unjudgeable(settings, files, judging)


@dataclass(frozen=True)
class _Judging:
    """How files are judged: by whose rules, beside which loads, how many rows of each."""

    settings: Settings
    waiting_loads: Mapping[str, Sequence[str]]
    rows_at_most: int | None
    progress: Progress

    def reports(
        self, files: Sequence[FileToJudge], unread: frozenset[str] = frozenset()
    ) -> tuple[dict[str, FileReport], Releases]:
        """Reports by tray id on files that are judged together, and what they do to rows that wait;
        rows of the sources `unread` came as well but cannot be judged.
        """
        rows_at_most = self.rows_at_most
        if rows_at_most is not None and files:
            rows_at_most = max(
                HEAD_ROWS_AT_LEAST, min(rows_at_most, HEAD_ROWS_IN_ALL // len(files))
            )
        waiting_loads = {**dict.fromkeys(unread, ()), **self.waiting_loads}
        with open_scratch(self.settings) as connection:
            if rows_at_most is None:
                for pragma in (
                    "temp_store = file",
                    f"temp.cache_size = -{WHOLE_CACHE_KIB}",
                    f"main.cache_size = -{WHOLE_CACHE_KIB}",
                ):
                    connection.execute(f"pragma {pragma}")
            connection.execute("begin")
            return _judged(
                connection, self.settings, files, waiting_loads, rows_at_most, self.progress
            )


def _without_the_unjudgeable(
    settings: Settings, files: Sequence[Waiting], judging: _Judging
) -> Preflight:
    """The reports on the files that can be judged, once a file made the rules themselves fail;
    the report blames that file alone.
    """
    failed: dict[str, str] = {}
    unread = set()
    for file in files:
        tables = opened(settings, [file])
        try:
            judging.reports(tables)
        except Exception as error:
            # what SQLite says of a value can quote it
            failed[file.tray_id] = f"the rules cannot judge it ({type(error).__name__})"
            unread |= {table.contract.entity for table in tables}
    sound = [file for file in files if file.tray_id not in failed]
    try:
        reports, effect = judging.reports(opened(settings, sound), frozenset(unread))
    except Exception as error:
        why = f"The rules cannot judge these files together ({type(error).__name__})."
        return Preflight({}, why, failed=failed)
    return Preflight(reports, failed=failed, releases=effect)


def _judged(
    connection: Database,
    settings: Settings,
    files: Sequence[FileToJudge],
    waiting_loads: Mapping[str, Sequence[str]],
    rows_at_most: int | None,
    on_progress: Progress,
) -> tuple[dict[str, FileReport], Releases]:
    """Read all, then judge source by source, then count values; shares of the work follow the sizes
    of the files.

    A rule about a parent is unproven when not all rows of the parent were read, or a load of it
    waits for a build.
    """
    started, compiled, contracts = (
        time.monotonic(),
        rule_sandbox.compiled_models(settings.dbt_dir),
        load_contracts(),
    )
    preflight.set_up(connection)
    for before, weight, file in weighed(files, files):
        what = f"reading {file.waits.name}"
        file.load_id = preflight.take_rows(
            connection,
            compiled,
            file.contract,
            file.waits.name,
            file.batches(
                rows_at_most,
                _part_of(on_progress, 0.0, READING, before, weight, what),
            ),
            file.waits.reading.date_order,
            value_words.in_force(file.waits.reading, file.contract),
        )
    present = [
        contract
        for entity, contract in contracts.items()
        if any(file.contract.entity == entity for file in files)
    ]
    tallies, unproven, replaced = {}, {}, {}
    for before, weight, contract in weighed(present, files):
        entity, what = contract.entity, f"judging {contract.entity.replace('_', ' ')}"
        parts = {
            f"promoted_{entity}"
            for entity in (
                *(file.contract.entity for file in files if not file.is_whole),
                *waiting_loads,
            )
        }
        unproven[entity] = [
            rule
            for rule in contract.rules
            if rule.arguments.get("parent") in parts and rule.stage == preflight.JUDGED_STAGE
        ]
        verdicts, differences, replaced[entity] = preflight.judge(
            connection,
            compiled,
            contract,
            contracts.values(),
            present,
            [rule.rule_id for rule in unproven[entity]],
            _part_of(on_progress, READING, JUDGING, before, weight, what),
        )
        tallies[entity] = (verdicts, differences)
    stamp = state.build_stamp(connection)
    reports = {}
    for before, _, file in weighed(files, files):
        on_progress(
            READING + JUDGING + (1 - READING - JUDGING) * before,
            f"counting values of {file.waits.name}",
        )
        verdicts, differences = tallies[file.contract.entity]
        verdict = verdicts.verdict(file.load_id)
        is_held = verdict.fates.get("quarantined", 0) > settings.gate_threshold * verdict.rows
        reports[file.waits.tray_id] = report(
            file.waits.tray_id,
            file.contract,
            verdict,
            preflight.profile(connection, file.contract, file.load_id),
            differences.difference(file.load_id, file.is_whole),
            [rule.name for rule in unproven[file.contract.entity]],
            stamp["as_of"] if stamp else None,
            rows=file.rows,
            is_whole=file.is_whole,
            rejected=file.rejected,
            rejects=file.rejects,
            held=is_held,
            aside=list(waiting_loads.get(file.contract.entity, ())),
            seconds=round(time.monotonic() - started, 2),
            lines=dict(file.table.noticed.lines),
            line_total=file.table.noticed.delivered,
        )
    held = {each.entity for each in reports.values() if each.held}
    passing = {entity: rows for entity, rows in replaced.items() if entity not in held}
    is_least = not all(file.is_whole for file in files)
    effect = releases.of(settings, connection, contracts, passing, is_least)
    on_progress(1.0, "done")
    return reports, effect


def _part_of(
    on_progress: Progress, begins: float, extent: float, before: float, weight: float, what: str
) -> Callable[[float], None]:
    """Tells how far one file or source is as a share of all work: the stretch from `begins` over
    `extent`, of which `before` is done and `weight` is its own.
    """
    return lambda share: on_progress(begins + extent * (before + weight * share), what)


def _loads_waiting(settings: Settings) -> dict[str, list[str]]:
    """Source -> its loads that no build has judged yet."""
    if not warehouse_exists(settings):
        return {}
    with open_bookkeeping(settings) as connection:
        return state.unjudged_loads(connection)
