"""What one build published, and what is told of it."""

from dataclasses import dataclass, field
from sqlite3 import Connection

from pipeline.declared.layers import Layer
from pipeline.declared.sources import load_contracts, load_delivery_rules
from pipeline.orchestrate.results import LayerResult
from pipeline.orchestrate.selection import Scope
from pipeline.quality import ledger, rule_results, suggestions
from pipeline.quality.ledger import LedgerRow
from pipeline.quality.missing_parents import MissingParents, missing_parents
from pipeline.quality.rule_results import RuleResult
from pipeline.store.control.runs import Run
from pipeline.store.warehouse import builds, judged_loads


@dataclass(frozen=True)
class BuildOutcome:
    """What one build published; `unchanged_since` is the run that did when there was nothing to
    do, `unverified_decisions` says of each decision that was not applied why.
    """

    build_id: str
    as_of: str
    layers: tuple[LayerResult, ...]
    ledger: tuple[LedgerRow, ...]
    quarantine: dict[str, int]
    quarantined_row_ids: dict[str, list[str]]
    rules: tuple[RuleResult, ...]
    row_counts: dict[str, int]
    held_loads: tuple[str, ...]
    scope: Scope | None = None
    suggested_repairs: int = 0
    missing_parents: tuple[MissingParents, ...] = ()
    unchanged_since: str | None = None
    unverified_decisions: dict[str, str] = field(default_factory=dict)


def collect(
    connection: Connection,
    build_id: str,
    as_of: str,
    layers: tuple[LayerResult, ...],
    scope: Scope | None,
) -> BuildOutcome:
    """The outcome of a build that is about to be published."""
    contracts = load_contracts()
    entities = tuple(contracts)
    quarantine = ledger.quarantined_rows(connection, entities)
    return BuildOutcome(
        build_id=build_id,
        as_of=as_of,
        layers=layers,
        ledger=ledger.ledger_by_entity(connection, entities),
        quarantine=quarantine,
        quarantined_row_ids={
            entity: ledger.quarantined_row_ids(connection, entity) for entity in quarantine
        },
        rules=rule_results.collect(connection, contracts.values(), load_delivery_rules()),
        row_counts=builds.table_rows(connection),
        held_loads=tuple(judged_loads.held_loads(connection)),
        scope=scope,
        suggested_repairs=suggestions.different(connection),
        missing_parents=missing_parents(connection, contracts.values()),
    )


def unchanged_since(run: Run) -> BuildOutcome:
    """The outcome of a build that had nothing to do: what the run that built the tables that stand
    has told.
    """
    result = run.result
    return BuildOutcome(
        build_id=result["build_id"],
        as_of=result["as_of"],
        layers=tuple(LayerResult(layer.label, "success", 0.0, 0, "nothing new") for layer in Layer),
        ledger=tuple(LedgerRow(**row) for row in result["ledger"]),
        quarantine=result["quarantine"],
        quarantined_row_ids={},
        rules=tuple(RuleResult(**rule) for rule in result["rules"]),
        row_counts=result["row_counts"],
        held_loads=tuple(result["held_loads"]),
        suggested_repairs=result["suggested_repairs"],
        missing_parents=tuple(MissingParents(**each) for each in result.get("missing_parents", ())),
        unverified_decisions=result.get("unverified_decisions") or {},
        unchanged_since=run.run_id,
    )
