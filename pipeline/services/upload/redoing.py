"""Bring deliveries back that were undone, and what that would do, said before anybody does it.

A load that is brought back is the same load: its id, its rows, how they are read and the decisions
on them are as before it was undone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipeline.config import Settings
from pipeline.declared.sources import SourceContract, load_contracts
from pipeline.orchestrate.lock import hold_lock
from pipeline.privacy.masking import SMALLEST_CELL
from pipeline.quality import preflight, rule_sandbox
from pipeline.quality.told_events import ENCOUNTERS
from pipeline.services.access import audit
from pipeline.services.access.roles import OPERATE, needs
from pipeline.services.upload import releases
from pipeline.services.upload.releases import Releases
from pipeline.store.sqlite.database import Database, open_scratch, open_warehouse, warehouse_exists
from pipeline.store.sqlite.statements import transaction
from pipeline.store.warehouse import judged_loads, loads, raw_tables, redo, state, value_words

#: Rows of one load that are judged; the others are left to the build.
JUDGED = 20_000
BATCH = 5_000


@dataclass(frozen=True)
class Redone:
    """What the next build would make of rows of loads that are brought back, as if they came last:
    `fates` counts them by source and fate, `releases` tells of rows that wait for them. `refusal`
    says why they cannot be; `is_untouched`: no build has taken them out, so that nothing changes;
    `left_out` rows were not judged.
    """

    fates: dict[str, dict[str, int]] = field(default_factory=dict, hash=False)
    releases: Releases = Releases()
    refusal: str = ""
    is_untouched: bool = False
    left_out: int = 0


def redone(settings: Settings, *load_ids: str) -> Redone:
    """The effect of bringing loads back together, as the rules of the last build judge their rows;
    nothing is written.
    """
    if not warehouse_exists(settings):
        return Redone()
    with open_warehouse(settings) as connection:
        chosen = [loads.get(connection, load_id) for load_id in load_ids]
        if refusals := redo.refusals(connection, load_ids):
            load_id, why = next(iter(refusals.items()))
            return Redone(refusal=f"{load_id} {why}")
        if set(load_ids) <= judged_loads.loads_in_tables(connection):
            return Redone(is_untouched=True)
        if not state.build_stamp(connection):
            return Redone()
    with open_scratch(settings) as connection:
        connection.execute("begin")
        return _judged(settings, connection, chosen)


def _judged(settings: Settings, connection: Database, chosen: Sequence[dict]) -> Redone:
    compiled, contracts = rule_sandbox.compiled_models(settings.dbt_dir), load_contracts()
    preflight.set_up(connection)
    on_bench = {
        load["load_id"]: preflight.take_rows(
            connection,
            compiled,
            contracts[load["entity"]],
            load["source_file"],
            _batches(connection, contracts[load["entity"]], load),
            load["date_order"],
            value_words.in_force(connection, load["load_id"]),
        )
        for load in chosen
    }
    present = [contracts[name] for name in contracts if name in {e["entity"] for e in chosen}]
    fates: dict[str, dict[str, int]] = {}
    passing: dict[str, set[str]] = {}
    for contract in present:
        verdicts, _, replaced = preflight.judge(
            connection, compiled, contract, contracts.values(), present, (), lambda share: None
        )
        own = [e["load_id"] for e in chosen if e["entity"] == contract.entity]
        of_source = fates.setdefault(contract.entity, {})
        held = 0
        for load_id in own:
            verdict = verdicts.verdict(on_bench[load_id])
            held += verdict.fates.get("quarantined", 0) > settings.gate_threshold * verdict.rows
            for fate, rows in verdict.fates.items():
                of_source[fate] = of_source.get(fate, 0) + rows
        if not held:
            passing[contract.entity] = replaced
    left_out = sum(max((load["accepted"] or 0) - JUDGED, 0) for load in chosen)
    are_blocks = all(
        (load["accepted"] or 0) >= SMALLEST_CELL for load in chosen if load["entity"] == ENCOUNTERS
    )
    effect = releases.of(settings, connection, contracts, passing, left_out > 0, are_blocks)
    return Redone(fates, effect, left_out=left_out)


def _batches(
    connection: Database, contract: SourceContract, load: dict
) -> Iterator[list[Sequence[Any]]]:
    """Rows of a load as they came, some at a time."""
    cursor = raw_tables.of_load(connection, contract.raw_table, contract.delivered, load, JUDGED)
    while rows := cursor.fetchmany(BATCH):
        yield rows


@needs(OPERATE)
def redo_together(settings: Settings, load_ids: Sequence[str]) -> list[dict]:
    """Bring undone loads back, all of them or none: the next build takes their rows in again.
    Returns them; raises InputRefused when one is in force, was purged, came under a clock that was
    wrong, or its bytes were loaded again meanwhile.
    """
    ids = list(dict.fromkeys(load_ids))
    with (
        hold_lock(settings, f"redo {', '.join(ids)}", settings.wait_seconds),
        open_warehouse(settings, write=True) as connection,
    ):
        loads.create(connection)
        if not redo.refusals(connection, ids):
            for load_id in ids:
                source = loads.get(connection, load_id)["entity"]
                audit.record(settings, "redo", load_id, {"source": source})
        with transaction(connection):
            return [redo.redo(connection, load_id) for load_id in ids]
