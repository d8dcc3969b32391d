"""One build: decisions in, layers built, gate judged, everything published by one commit or nothing
at all.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from sqlite3 import Connection

from pipeline.config import Settings, project_version
from pipeline.declared.dictionary import load_dictionary
from pipeline.declared.layers import Layer
from pipeline.declared.renamed import renamed_columns, renamed_tables
from pipeline.declared.sources import load_contracts, load_delivery_rules
from pipeline.errors import InputRefused, RunFailed
from pipeline.orchestrate import inputs
from pipeline.orchestrate import selection as model_selection
from pipeline.orchestrate.gate import judge_gates
from pipeline.orchestrate.results import LayerResult
from pipeline.orchestrate.selection import Scope
from pipeline.quality import ledger, rule_results, suggestions
from pipeline.store.control import decisions
from pipeline.store.control.control_file import open_control
from pipeline.store.sqlite.statements import has_relation
from pipeline.store.warehouse import builds, renaming, row_counts, sums
from pipeline.store.warehouse.builds import KnownInputs
from pipeline.transform.fingerprint import layer_fingerprint
from pipeline.transform.one_transaction import one_transaction
from pipeline.transform.plan_run import PlanDeviates
from pipeline.transform.project import Project
from pipeline.transform.records import NodeResult, PlannedNode

#: A held load can hold back rows of others, so their gates are judged again, at most this often.
GATE_ROUNDS = 2


@dataclass(frozen=True)
class BuildListener:
    """Who hears of a build while it runs; `check` raises RunCancelled when it should end."""

    on_plan: Callable[[list[PlannedNode]], None]
    on_node: Callable[[NodeResult], None]
    check: Callable[[], None]


class StepFailed(RunFailed):
    """A model or an error-severity test failed; `node` is the first that did, None when dbt named
    none.
    """

    node: NodeResult | None = None


class TakenBack(Exception):
    """The end of a build that was tried only; everything it did is rolled back."""


@dataclass(frozen=True)
class BuildOutcome:
    """What one build published; `unchanged_since` is the run that did when there was nothing to
    do.
    """

    build_id: str
    as_of: str
    layers: tuple[LayerResult, ...]
    ledger: tuple[ledger.LedgerRow, ...]
    quarantine: dict[str, int]
    quarantined_row_ids: dict[str, list[str]]
    rules: tuple[rule_results.RuleResult, ...]
    row_counts: dict[str, int]
    held_loads: tuple[str, ...]
    scope: Scope | None = None
    suggested_repairs: int = 0
    unchanged_since: str | None = None


def build(
    settings: Settings,
    run_id: str,
    layers: list[Layer],
    as_of: str | None,
    full_refresh: bool,
    listener: BuildListener,
    selection: Sequence[str] = (),
    rehearsal: Callable[[Connection], Layer] | None = None,
) -> BuildOutcome:
    """Build `layers`, or what a `selection` of models needs, and publish them at once; call it
    under the pipeline lock.

    `as_of` is an ISO day, by default that of the newest load, or of the landing zone that stands
    when it is not judged again. Raises StepFailed when a model or an error-severity test fails,
    RunCancelled on SIGINT, InputRefused when nothing is loaded; then the published tables are
    unchanged. A `rehearsal` changes what is about to be built and says after which layer the
    build ends by raising TakenBack.

    The recorded plan is followed as far as it leads. Where it does not (an answer that dbt has not
    heard yet, a statement or a test that fails) all is rolled back and dbt builds it. When every
    layer is asked for and nothing is new, nothing is done: no write transaction begins.
    """
    if not (full_refresh or selection or rehearsal) and list(layers) == list(Layer):
        stands = inputs.standing_build(settings, as_of)
        if stands is not None:
            return _unchanged(stands)
    arguments = (settings, run_id, layers, as_of, full_refresh, listener, selection, rehearsal)
    try:
        return _build(*arguments, follows_plan=True)
    except PlanDeviates:
        return _build(*arguments, follows_plan=False)


def _build(
    settings: Settings,
    run_id: str,
    layers: list[Layer],
    as_of: str | None,
    full_refresh: bool,
    listener: BuildListener,
    selection: Sequence[str],
    rehearsal: Callable[[Connection], Layer] | None,
    follows_plan: bool,
) -> BuildOutcome:
    with one_transaction(settings) as transaction:
        connection = transaction.connection
        renaming.rename(
            connection,
            renamed_tables(),
            {name: renamed_columns(name) for name in load_dictionary()},
        )
        stands = model_selection.standing(connection)
        judges = (
            model_selection.judges(selection, stands) if selection else Layer.LANDING_ZONE in layers
        )
        build_id, as_of, watermark, in_force = _stamped(
            connection, settings, as_of, judges, is_chosen=bool(selection)
        )

        project = Project(
            settings, transaction, on_node=listener.on_node, follows_plan=follows_plan
        )
        project.parse()
        scope = (
            model_selection.scope_of(selection, model_selection.edges_of(settings), stands)
            if selection
            else None
        )
        layers = list(scope.layers) if scope else layers
        models = {} if scope is None else dict(scope.models)
        if Layer.FEATURE_STORE in layers:
            builds.wind_feature_clock(connection, watermark)
        planned = project.plan(layers, models=models)
        _refuse_a_gap(connection, layers, project.read_from(planned))
        listener.on_plan(planned)
        last = rehearsal(connection) if rehearsal else None
        results = [
            _build_layer(
                connection,
                settings,
                project,
                layer,
                full_refresh,
                listener,
                models.get(layer.label),
                build_id,
            )
            for layer in layers[: layers.index(last) + 1 if last else None]
        ]
        if rehearsal:
            raise TakenBack

        outcome = _collect(connection, build_id, as_of, tuple(layer for layer, _ in results), scope)
        row_counts.record(connection, outcome.row_counts)
        sums.record(connection)
        is_whole = scope is None and list(layers) == list(Layer)
        is_settled = all(settled for _, settled in results)
        builds.note_inputs(
            connection,
            KnownInputs(inputs.digest(connection, settings, as_of, watermark, in_force), run_id)
            if is_whole and is_settled
            else None,
        )
        builds.mark_published(connection, run_id, build_id)
    return outcome


def _unchanged(stands: inputs.StandingBuild) -> BuildOutcome:
    """What the build that stands has told, as the outcome of a run that had nothing to do."""
    told = stands.result
    return BuildOutcome(
        build_id=told["build_id"],
        as_of=told["as_of"],
        layers=stands.layers,
        ledger=stands.ledger,
        quarantine=told["quarantine"],
        quarantined_row_ids={},
        rules=stands.rules,
        row_counts=told["row_counts"],
        held_loads=tuple(told["held_loads"]),
        suggested_repairs=told["suggested_repairs"],
        unchanged_since=told.get("unchanged_since") or stands.run_id,
    )


def _stamped(
    connection: Connection, settings: Settings, as_of: str | None, judges: bool, is_chosen: bool
) -> tuple[str, str, str, list[dict]]:
    """Stamp the build with its inputs; returns its id, its day, when its newest input came, and
    the decisions in force where it judges.

    What is not judged again keeps the inputs of its landing zone.
    """
    newest_load, last_load_change = builds.last_load_change(connection)
    if newest_load is None:
        raise InputRefused(
            "nothing is loaded", str(settings.home), "load a delivery: icon-health run PATH"
        )
    before, in_force = builds.newest_stamp(connection), []
    if judges or before is None:
        loads, as_of = builds.active_loads(connection), as_of or newest_load[:10]
        with open_control(settings) as control:
            watermark = max(last_load_change, decisions.last_change(control))
            if judges:
                in_force = decisions.in_force(control, as_of)
                builds.replace_decisions(connection, in_force)
    else:
        if is_chosen and as_of not in (None, before["as_of"]):
            raise InputRefused(
                f"the tables that stand are judged by {before['as_of']}",
                "as-of",
                "build everything by another day",
            )
        loads, as_of, watermark = (
            builds.judged_loads(connection),
            as_of or before["as_of"],
            before["source_high_watermark"],
        )
    build_id = build_identity(loads, builds.decision_ids(connection), as_of)
    builds.stamp(connection, build_id, as_of, watermark)
    return build_id, as_of, watermark, in_force


def build_identity(loads: list[dict], decision_ids: list[str], as_of: str) -> str:
    """Twelve hex digits that are the same whenever the same loads, their dates read in the same
    order, decisions, day and version are built.
    """
    parts = [
        [(load["load_id"], load["sha256"], *filter(None, [load["date_order"]])) for load in loads],
        decision_ids,
        as_of,
        project_version(),
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]


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
) -> tuple[LayerResult, bool]:
    """Build one layer, or only `models` of it; from scratch when its statements are not those of
    the tables that stand. Says as well whether its gates are settled: judged once more, they would
    stay as they are.
    """
    seconds, built, by, is_settled = 0.0, 0, set(), True
    fingerprint = layer_fingerprint(layer)
    full_refresh = full_refresh or _statements_changed(connection, layer, models, fingerprint)
    passed = builds.passed_loads(connection)
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
    return LayerResult(layer.label, step.status, round(seconds, 3), built, built_by), is_settled


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


def _collect(
    connection: Connection,
    build_id: str,
    as_of: str,
    layers: tuple[LayerResult, ...],
    scope: Scope | None,
) -> BuildOutcome:
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
        held_loads=tuple(builds.held_loads(connection)),
        scope=scope,
        suggested_repairs=suggestions.different(connection),
    )
