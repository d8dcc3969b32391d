"""What stands and what is behind, what a run of chosen models would build, and what to build again
after a failed run.
"""

from dataclasses import dataclass

from pipeline.config import Settings
from pipeline.declared.dictionary import tests_by_node
from pipeline.declared.layers import Layer
from pipeline.errors import InputRefused
from pipeline.orchestrate import queue, selection
from pipeline.orchestrate.selection import WHOLE, Scope, Standing, layer_by_model, manifest_path
from pipeline.services.access.roles import SEE, needs
from pipeline.store.control import approvals, result_history, run_nodes, runs
from pipeline.store.control.control_file import open_control
from pipeline.store.sqlite.database import open_warehouse, warehouse_exists
from pipeline.store.sqlite.statements import has_relation
from pipeline.store.warehouse import judged_loads, state

NOTHING = Standing(frozenset(), frozenset(), False, None)


@dataclass(frozen=True)
class Freshness:
    """What waits to be built in (`loads`, `decisions`), the layers that are out of date and the
    models that are behind.
    """

    loads: int
    decisions: int
    layers_behind: frozenset[str]
    stands: Standing

    @property
    def waits(self) -> bool:
        """Whether the next judging of the landing zone would see something new."""
        return bool(self.loads or self.decisions)


@dataclass(frozen=True)
class Again:
    """What to ask for: whole `layers`, or a `selection` of models."""

    layers: tuple[str, ...] = ()
    selection: tuple[str, ...] = ()


def freshness(settings: Settings) -> Freshness:
    """Which layers and models show what is loaded, decided and declared now; everything is behind
    before the first build.
    """
    if not warehouse_exists(settings):
        return Freshness(0, 0, frozenset(layer.label for layer in Layer), NOTHING)
    with open_warehouse(settings) as warehouse, open_control(settings) as control:
        stamp = state.build_stamp(warehouse)
        loads = judged_loads.loads_waiting(warehouse)
        decided = result_history.decisions_in_force(control, stamp["as_of"] if stamp else "0000")
        if settings.four_eyes:
            decided -= approvals.waiting(control).keys()
        changed = len(state.applied_decisions(warehouse) ^ decided)
        stands = (
            selection.standing(warehouse)
            if has_relation(warehouse, "ops_built_models")
            else NOTHING
        )
    behind = {
        layer
        for name, layer in layer_by_model().items()
        if stands.is_behind(WHOLE if layer == WHOLE else name)
    }
    waits = bool(loads or changed)
    return Freshness(
        loads,
        changed,
        frozenset(layer.label for layer in Layer if waits or layer.label in behind),
        stands,
    )


def preview(settings: Settings, words: tuple[str, ...]) -> Scope:
    """What a run of these models would build; raises InputRefused for a name that no model has."""
    return selection.scope_of(
        selection.checked_words(words), selection.edges_of(settings), freshness(settings).stands
    )


@needs(SEE)
def failed_again(settings: Settings) -> Again:
    """What the last run failed to publish, as far as it is not up to date.

    A failed run publishes nothing, so the models before the failing one are only left out when they
    stand as they are. Where the landing zone must be judged, the layers of the run are built again.
    Raises InputRefused when the last run did not fail.
    """
    queue.close_dead_runs(settings)
    with open_control(settings) as control:
        newest = runs.recent(control, 1)
        if not newest or newest[0].status != "failed":
            raise InputRefused(
                "the last run did not fail",
                newest[0].run_id if newest else "runs",
                "build what is out of date",
            )
        run, nodes = newest[0], run_nodes.of_run(control, newest[0].run_id)
    layers = freshness(settings)
    failed = [node for node in nodes if node["status"] == "error"]
    judged = WHOLE in run.layers
    if (
        not failed
        or run.full_refresh
        or judged
        and (layers.waits or any(node["layer"] == WHOLE for node in failed))
    ):
        return Again(selection=run.selection) if run.selection else Again(layers=run.layers)
    read = tests_by_node(manifest_path(settings))
    layer_of = layer_by_model()
    names = {name for node in failed for name in _concerned(node, read, layer_of)}
    names |= {
        node["name"]
        for node in nodes
        if node["kind"] == "model"
        and node["layer"] != WHOLE
        and layers.stands.is_behind(node["name"])
    }
    return Again(selection=tuple(sorted(names)))


def _concerned(node: dict, read: dict[str, tuple[str, ...]], layer_of: dict[str, str]) -> list[str]:
    """The model that failed, or those of its layer that a failed test reads."""
    if node["kind"] != "test":
        return [node["name"]]
    return [name for name in read.get(node["node"], ()) if layer_of.get(name) == node["layer"]]
