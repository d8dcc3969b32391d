"""What a run hands back, and stores as its result."""

from dataclasses import asdict, dataclass

from pipeline.ingest.results import LoadResult
from pipeline.quality.ledger import LedgerRow
from pipeline.quality.rule_results import RuleResult


@dataclass(frozen=True)
class LayerResult:
    """One layer of a run; `models` counts the models that ran."""

    name: str
    status: str
    duration_seconds: float
    models: int


@dataclass(frozen=True)
class RunResult:
    """How a run ended (`succeeded`, `held`, `failed`, `cancelled`) and what it published."""

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

    def as_dict(self) -> dict:
        """The result as plain values, ready for JSON."""
        return asdict(self)
