"""What the rules of the last build say about the files of the tray, and what is to be done where
there are no rules yet, or where they fail on a file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline.config import Settings
from pipeline.declared.sources import load_contracts
from pipeline.errors import PipelineError, of_the_machine
from pipeline.orchestrate import empty_warehouse
from pipeline.quality import rule_sandbox
from pipeline.services.access.roles import OPERATE, needs
from pipeline.services.tables.bookkeeping import open_bookkeeping
from pipeline.services.upload.file_report import FileReport
from pipeline.services.upload.file_to_judge import opened
from pipeline.services.upload.joint_judgement import HEAD_ROWS, Judgement, Progress
from pipeline.services.upload.releases import Releases
from pipeline.services.upload.tray import Waiting
from pipeline.store.sqlite.database import open_scratch, warehouse_exists
from pipeline.store.sqlite.statements import has_relation
from pipeline.store.warehouse import state


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


@needs(OPERATE)
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
    judging = Judgement(
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


def _without_the_unjudgeable(
    settings: Settings, files: Sequence[Waiting], judging: Judgement
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


def _loads_waiting(settings: Settings) -> dict[str, list[str]]:
    """Source -> its loads that no build has judged yet."""
    if not warehouse_exists(settings):
        return {}
    with open_bookkeeping(settings) as connection:
        return state.unjudged_loads(connection)
