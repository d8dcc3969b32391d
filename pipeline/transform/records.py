"""What a build reports: small frozen records, free of dbt's own classes."""

from dataclasses import dataclass

#: dbt's words for an outcome, in ours.
STATUSES = {
    "pass": "success",
    "success": "success",
    "fail": "error",
    "error": "error",
    "runtime error": "error",
    "warn": "warn",
    "skipped": "skipped",
    "no-op": "success",
    "partial success": "error",
}


@dataclass(frozen=True)
class PlannedNode:
    """A node that a layer is about to run; `kind` is model, test, seed, snapshot or unit_test."""

    node: str
    name: str
    layer: str
    kind: str


@dataclass(frozen=True)
class NodeResult:
    """One node as it starts (`status` running) or ends (success, warn, error, skipped); `seconds`
    is wall time.
    """

    node: str
    name: str
    layer: str
    kind: str
    status: str
    started_at: str | None = None
    seconds: float | None = None
    failures: int | None = None
    message: str | None = None


@dataclass(frozen=True)
class StepResult:
    """One layer built; `status` is success or error, `error` the first message that explains it,
    `by` who built it: plan or dbt.
    """

    layer: str
    status: str
    seconds: float
    nodes: tuple[NodeResult, ...]
    error: str | None = None
    by: str = "dbt"

    @property
    def models(self) -> int:
        """Number of models that ran."""
        return sum(node.kind == "model" and node.status != "skipped" for node in self.nodes)

    @property
    def failed(self) -> NodeResult | None:
        """The first node that failed; None when none did."""
        return next((node for node in self.nodes if node.status == "error"), None)
