"""Judge files of the tray together by the rules of a build, in temporary tables."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.config import Settings
from pipeline.declared.sources import load_contracts
from pipeline.ingest import value_words
from pipeline.quality import preflight, rule_sandbox
from pipeline.services.upload import releases
from pipeline.services.upload.file_report import FileReport, report
from pipeline.services.upload.file_to_judge import FileToJudge, weighed
from pipeline.services.upload.releases import Releases
from pipeline.store.sqlite.database import Database, open_scratch
from pipeline.store.warehouse import state

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
class Judgement:
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
