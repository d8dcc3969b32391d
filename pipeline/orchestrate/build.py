"""One build: decisions in, layers built, gate judged, everything published by one commit or nothing
at all.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from sqlite3 import Connection
from typing import Any

from pipeline.config import Settings
from pipeline.declared.dictionary import load_dictionary
from pipeline.declared.layers import Layer
from pipeline.declared.renamed import renamed_columns, renamed_tables
from pipeline.declared.sources import load_contracts
from pipeline.errors import InputRefused, RunFailed
from pipeline.orchestrate import selection as model_selection
from pipeline.orchestrate.gate import judge_gates
from pipeline.orchestrate.inputs import stamp, standing_build
from pipeline.orchestrate.outcome import BuildOutcome, collect, unchanged_since
from pipeline.orchestrate.results import LayerResult
from pipeline.store.sqlite.statements import has_relation
from pipeline.store.warehouse import builds, feature_clock, judged_loads, renaming, row_counts, sums
from pipeline.store.warehouse.builds import KnownInputs
from pipeline.transform.fingerprint import layer_fingerprint
from pipeline.transform.one_transaction import one_transaction
from pipeline.transform.plan_run import PlanDeviates
from pipeline.transform.project import Project
from pipeline.transform.records import NodeResult, PlannedNode

#: A held load can hold back rows of others, so their gates are judged again, at most this often.
GATE_ROUNDS = 2
#: From so many cells of providers by procedures on, the first visitor would wait until the hidden
#: ones are worked out (2,600 take 0.1 s); below, the build would wait, as its libraries load.
MANY_CELLS = 2_000


@dataclass(frozen=True)
class BuildListener:
    """Who hears of a build while it runs; `check` raises RunCancelled when it should end, `tell`
    says what the run comes to (plain values), for the commit that publishes it, `on_part` hears the
    name of each part as it ends.
    """

    on_plan: Callable[[list[PlannedNode]], None]
    on_node: Callable[[NodeResult], None]
    check: Callable[[], None]
    tell: Callable[[BuildOutcome], Mapping[str, Any]]
    on_part: Callable[[str], None] = lambda part: None


class StepFailed(RunFailed):
    """A model or an error-severity test failed; `node` is the first that did, None when dbt named
    none.
    """

    node: NodeResult | None = None


class TakenBack(Exception):
    """The end of a build that was tried only; everything it did is rolled back."""


@dataclass(frozen=True)
class BuildRequest:
    """What a run wants to be built: `layers`, or what a `selection` of models needs. `as_of` is an
    ISO day, by default that of the newest load, or of the landing zone that stands when it is not
    judged again.
    """

    run_id: str
    layers: Sequence[Layer]
    as_of: str | None = None
    full_refresh: bool = False
    selection: Sequence[str] = ()

    @property
    def is_everything(self) -> bool:
        """Whether all layers are asked for as a whole."""
        return not self.selection and list(self.layers) == list(Layer)


@dataclass(frozen=True)
class BuiltLayer:
    """One layer; `is_settled` when its gates would stay as they are, were they judged once more."""

    result: LayerResult
    is_settled: bool


#: Changes what is about to be built, and says after which layer the build ends.
Rehearsal = Callable[[Connection], Layer]


def build(
    settings: Settings,
    request: BuildRequest,
    listener: BuildListener,
    rehearsal: Rehearsal | None = None,
) -> BuildOutcome:
    """Build what is asked for and publish it at once; call it under the pipeline lock.

    Raises StepFailed when a model or an error-severity test fails, RunCancelled on SIGINT,
    InputRefused when nothing is loaded; then the published tables are unchanged. A `rehearsal` ends
    by raising TakenBack.

    The recorded plan is followed as far as it leads. Where it does not (an answer that dbt has not
    heard yet, a statement or a test that fails) all is rolled back and begins anew, and dbt builds
    from that layer on. When everything is asked for and nothing is new, nothing is done: no write
    transaction begins.
    """
    if request.is_everything and not (request.full_refresh or rehearsal):
        run = standing_build(settings, request.as_of)
        if run is not None:
            listener.on_part("prepare")
            return unchanged_since(run)
    dbt_from: Layer | None = None
    while True:
        try:
            return _build(settings, request, listener, rehearsal, dbt_from)
        except PlanDeviates as deviation:
            # always an earlier layer than the last time: from `dbt_from` on no plan is followed
            dbt_from = deviation.layer
            listener.on_part("plan given up")


def _build(
    settings: Settings,
    request: BuildRequest,
    listener: BuildListener,
    rehearsal: Rehearsal | None,
    dbt_from: Layer | None,
) -> BuildOutcome:
    selection, layers = request.selection, list(request.layers)
    with one_transaction(settings) as transaction:
        connection = transaction.connection
        renaming.rename(
            connection,
            renamed_tables(),
            {name: renamed_columns(name) for name in load_dictionary()},
        )
        renaming.name_versions(connection)
        stands = model_selection.standing(connection)
        judges = (
            model_selection.judges(selection, stands) if selection else Layer.LANDING_ZONE in layers
        )
        stamped = stamp(connection, settings, request.as_of, judges, is_chosen=bool(selection))

        project = Project(settings, transaction, on_node=listener.on_node, dbt_from=dbt_from)
        project.parse()
        scope = (
            model_selection.scope_of(selection, model_selection.edges_of(settings), stands)
            if selection
            else None
        )
        layers = list(scope.layers) if scope else layers
        models = {} if scope is None else dict(scope.models)
        if Layer.FEATURE_STORE in layers:
            feature_clock.wind(connection, stamped.watermark)
        planned = project.plan(layers, models=models)
        _refuse_a_gap(connection, layers, project.read_from(planned))
        listener.on_plan(planned)
        last = rehearsal(connection) if rehearsal else None
        listener.on_part("prepare")
        built = [
            _build_layer(
                connection,
                settings,
                project,
                layer,
                request.full_refresh,
                listener,
                models.get(layer.label),
                stamped.build_id,
            )
            for layer in layers[: layers.index(last) + 1 if last else None]
        ]
        if rehearsal:
            raise TakenBack

        results = tuple(one.result for one in built)
        outcome = collect(connection, stamped.build_id, stamped.as_of, results, scope)
        if stamped.inputs is not None:
            outcome = replace(outcome, unverified_decisions=stamped.inputs.unverified)
        builds.note_audit_head(connection, stamped.head, stamped.build_id)
        row_counts.record(connection, outcome.row_counts)
        sums.record(connection)
        _keep_hidden_cells(connection, outcome.row_counts)
        known = None
        if request.is_everything and stamped.inputs and all(one.is_settled for one in built):
            known = KnownInputs(stamped.inputs.digest(connection, settings), request.run_id)
        builds.note_inputs(connection, known)
        listener.on_part("conclude")
        result = listener.tell(outcome)
        builds.mark_published(connection, request.run_id, stamped.build_id, result)
    listener.on_part("publish")
    return outcome


def _keep_hidden_cells(connection: Connection, row_counts: Mapping[str, int]) -> None:
    if row_counts.get("provider_procedure_scorecard", 0) >= MANY_CELLS:
        from pipeline.privacy import cells_of_build  # loads numpy and pandas

        cells_of_build.keep(connection)


def _refuse_a_gap(connection: Connection, layers: list[Layer], read: Mapping[str, str]) -> None:
    """Raises InputRefused when a layer is to be built from one that never was."""
    missing = {label for name, label in read.items() if not has_relation(connection, name)}
    first = next((layer for layer in Layer if layer.label in missing), None)
    if first is not None:
        above = next(
            layer
            for layer in list(Layer)[list(Layer).index(first) :]
            if layer in layers and layer is not first
        )
        raise InputRefused(
            f"is not built yet, and {above.label} is made from it",
            first.label,
            "build everything, or from this layer on",
        )


def _build_layer(
    connection: Connection,
    settings: Settings,
    project: Project,
    layer: Layer,
    full_refresh: bool,
    listener: BuildListener,
    models: Sequence[str] | None,
    build_id: str,
) -> BuiltLayer:
    """Build one layer, or only `models` of it; from scratch when its statements are not those of
    the tables that stand.
    """
    seconds, built, by, is_settled = 0.0, 0, set(), True
    fingerprint = layer_fingerprint(layer)
    full_refresh = full_refresh or _statements_changed(connection, layer, models, fingerprint)
    passed = judged_loads.passed_loads(connection)
    for attempt in range(1 + GATE_ROUNDS):
        listener.check()
        step = project.build(layer, full_refresh and attempt == 0, models=models)
        seconds, built = seconds + step.seconds, max(built, step.models)
        by.add(step.by)
        if step.status != "success":
            failure = StepFailed(
                step.error or "failed",
                layer.label,
                "the published tables are as they were before the run",
            )
            failure.node = step.failed
            raise failure
        if layer is not Layer.LANDING_ZONE:
            break
        if attempt == GATE_ROUNDS:
            is_settled = False
            break
        if not judge_gates(connection, tuple(load_contracts()), settings.gate_threshold, passed):
            break
    if models is None:
        builds.note_layer_fingerprint(connection, layer.label, fingerprint)
    builds.note_built_models(connection, build_id, model_selection.fingerprints_of(layer, models))
    built_by = "dbt" if "dbt" in by else "plan"
    result = LayerResult(layer.label, "success", round(seconds, 3), built, built_by)
    listener.on_part(layer.label)
    return BuiltLayer(result, is_settled)


def _statements_changed(
    connection: Connection, layer: Layer, models: Sequence[str] | None, fingerprint: str
) -> bool:
    """Whether tables of the layer (or of `models`) were built with other statements than those of
    now, as before an update.
    """
    if models is None:
        return builds.layer_fingerprint(connection, layer.label) not in (None, fingerprint)
    now, built = model_selection.fingerprints_of(layer, models), builds.built_models(connection)
    return any(model in built and built[model][1] != now[model] for model in models)
