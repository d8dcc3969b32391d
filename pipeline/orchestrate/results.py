"""What a run hands back, and stores as its result."""

from dataclasses import asdict, dataclass, field

from pipeline.ingest.results import LoadResult
from pipeline.orchestrate.failure_cause import FailureCause
from pipeline.orchestrate.selection import Scope
from pipeline.quality.ledger import LedgerRow
from pipeline.quality.missing_parents import MissingParents
from pipeline.quality.rule_results import RuleResult
from pipeline.store.control.runs import Run


@dataclass(frozen=True)
class LayerResult:
    """One layer of a run; `models` counts the models that ran, `built_by` says who sent the
    statements: plan (dbt's own, as recorded), dbt, or
    "nothing new".
    """

    name: str
    status: str
    duration_seconds: float
    models: int
    built_by: str = "dbt"


@dataclass(frozen=True)
class SelectionResult:
    """What a run of chosen models built: `asked` as named, all `models`; `behind` and
    `made_from_it` say why the others came along.
    """

    asked: tuple[str, ...]
    models: tuple[str, ...]
    behind: tuple[str, ...]
    made_from_it: tuple[str, ...]

    @classmethod
    def of(cls, scope: Scope) -> "SelectionResult":
        """The part of a scope that its reader needs."""
        return cls(
            scope.asked,
            tuple(name for names in scope.models.values() for name in names),
            scope.behind,
            scope.made_from_it,
        )


@dataclass(frozen=True)
class RunResult:
    """How a run ended (`succeeded`, `held`, `failed`, `cancelled`) and what it published;
    `unchanged_since` is the run that published it when there was nothing new to build, and
    `missing_parents` is what waits for keys that no row describes, and `unverified_decisions` says
    of each decision that the audit trail does not bear out why it was not applied.
    `seconds_by_part` sums to `duration_seconds`.
    """

    run_id: str
    status: str
    duration_seconds: float
    as_of: str | None = None
    build_id: str | None = None
    loads: tuple[LoadResult, ...] = ()
    layers: tuple[LayerResult, ...] = ()
    ledger: tuple[LedgerRow, ...] = ()
    quarantine: dict | None = None
    rules: tuple[RuleResult, ...] = ()
    row_counts: dict | None = None
    held_loads: tuple[str, ...] = ()
    error: str | None = None
    selection: SelectionResult | None = None
    suggested_repairs: int = 0
    missing_parents: tuple[MissingParents, ...] = ()
    cause: FailureCause | None = None
    unchanged_since: str | None = None
    unverified_decisions: dict[str, str] = field(default_factory=dict, hash=False)
    seconds_by_part: dict[str, float] = field(default_factory=dict, hash=False)

    @classmethod
    def of(cls, run: Run) -> "RunResult":
        """The result of a run that has ended, from its record."""
        from pydantic import TypeAdapter

        # what made a step fail is told in the error of its run
        return TypeAdapter(cls).validate_python(run.result | {"cause": None})

    def as_dict(self) -> dict:
        """The result as plain values, ready for JSON."""
        return asdict(self) | {"cause": self.cause.as_dict() if self.cause else None}
