"""Which models a run of chosen models builds, so that no published table disagrees with one that it
is made from.

A table is up to date when it comes from the build of the landing zone that stands and from the
statements that its model has now. After a run of chosen models everything that those models are
made from, and everything that is made from them, is up to date; what else must be built for that is
added. The landing zone is judged as a whole: a step of it stands for all of it, and silver, which
follows its verdicts, is never brought up to date by halves.
"""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection

from pipeline.config import Settings
from pipeline.declared.dictionary import lineage, load_dictionary
from pipeline.declared.layers import Layer
from pipeline.errors import InputRefused
from pipeline.store.warehouse import builds
from pipeline.transform.fingerprint import layer_fingerprint, model_fingerprints

#: Name under which the landing zone as a whole is remembered.
WHOLE = Layer.LANDING_ZONE.label
AND_ON = "+"


@dataclass(frozen=True)
class Standing:
    """What stands: the models whose table was ever published, those that are up to date, and
    whether the landing zone is.
    """

    published: frozenset[str]
    up_to_date: frozenset[str]
    has_landing_zone: bool
    build_id: str | None

    def is_behind(self, model: str) -> bool:
        """Whether its table is missing or out of date."""
        return model not in self.up_to_date


@dataclass(frozen=True)
class Scope:
    """What a run builds: whole landing zone or not, and models by layer; `asked` as somebody named
    them.

    The others come along because they are `behind`, or because they are `made_from_it` and would
    disagree.
    """

    asked: tuple[str, ...]
    landing_zone: bool
    models: Mapping[str, tuple[str, ...]]
    behind: tuple[str, ...] = ()
    made_from_it: tuple[str, ...] = ()

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers in which something is built, in the order of the flow."""
        return tuple(
            layer
            for layer in Layer
            if self.models.get(layer.label) or (layer is Layer.LANDING_ZONE and self.landing_zone)
        )

    @property
    def size(self) -> int:
        """How many models outside the landing zone are built."""
        return sum(len(names) for names in self.models.values())


def checked_words(words: Sequence[str]) -> tuple[str, ...]:
    """`MODEL` and `MODEL+` as they are; raises InputRefused for a name that no model has."""
    # without words nobody asks which models there are, and reading them takes half a second
    layers_by_model = layer_by_model() if words else {}
    for word in words:
        name = word.removesuffix(AND_ON)
        if name not in layers_by_model:
            near = difflib.get_close_matches(name, layers_by_model, 1)
            raise InputRefused(
                "unknown model",
                name,
                f"did you mean {near[0]}?" if near else "see docs/data_dictionary.md for the names",
            )
    return tuple(dict.fromkeys(words))


def layer_by_model() -> dict[str, str]:
    """Model or seed -> the label of the layer that builds it."""
    labels = {layer.label for layer in Layer}
    return {
        name: entry.layer if entry.layer in labels else WHOLE
        for name, entry in load_dictionary().items()
        if entry.path
    }


def standing(connection: Connection) -> Standing:
    """What the warehouse holds, by the records of the builds."""
    built = builds.built_models(connection)
    build_id = built.get(WHOLE, (None, ""))[0]
    now = current_fingerprints()
    up_to_date = {
        model
        for model, (of, fingerprint) in built.items()
        if of == build_id and now.get(model) == fingerprint
    }
    return Standing(
        frozenset(built) - {WHOLE}, frozenset(up_to_date), build_id is not None, build_id
    )


def current_fingerprints() -> dict[str, str]:
    """Model outside the landing zone -> digest of its statements now; the landing zone as a
    whole.
    """
    dictionary = load_dictionary()
    paths = {
        name: dictionary[name].path for name, layer in layer_by_model().items() if layer != WHOLE
    }
    return model_fingerprints(paths) | {WHOLE: layer_fingerprint(Layer.LANDING_ZONE)}


def fingerprints_of(layer: Layer, models: Iterable[str] | None) -> dict[str, str]:
    """What to remember of a layer that was built as a whole, or of `models` of it."""
    now = current_fingerprints()
    if layer is Layer.LANDING_ZONE:
        return {WHOLE: now[WHOLE]}
    layer_of = layer_by_model()
    return {
        name: now[name]
        for name in (models if models is not None else now)
        if layer_of.get(name) == layer.label
    }


def judges(words: Iterable[str], stands: Standing) -> bool:
    """Whether a run of these models judges the landing zone again."""
    layer_of = layer_by_model()
    return not stands.has_landing_zone or any(
        layer_of[word.removesuffix(AND_ON)] == WHOLE for word in words
    )


def edges_of(settings: Settings) -> tuple[tuple[str, str], ...]:
    """(parent, child) between models, from dbt's manifest when there is one."""
    return lineage(manifest_path(settings))


def manifest_path(settings: Settings) -> Path:
    """Where dbt leaves what it parsed."""
    return settings.dbt_dir / "target" / "manifest.json"


def scope_of(words: Iterable[str], edges: Iterable[tuple[str, str]], stands: Standing) -> Scope:
    """What must be built when somebody asks for `words` (`MODEL`, or `MODEL+` for it and all that
    is made from it).
    """
    words = tuple(words)
    layer_of = layer_by_model()
    parents, children = _neighbours(edges, layer_of)
    names = {word.removesuffix(AND_ON) for word in words}
    selected = set(names)
    for word in words:
        if word.endswith(AND_ON):
            selected |= _reached({word.removesuffix(AND_ON)}, children)
    landing_zone = judges(words, stands)
    selected = {name for name in selected if layer_of[name] != WHOLE}
    # a new landing zone may change what every table shows
    behind = (
        set(layer_of) if landing_zone else {name for name in layer_of if stands.is_behind(name)}
    )
    needed = set(selected)
    while True:
        late = selected & behind
        added = {name for name in _reached(selected, parents) & behind if layer_of[name] != WHOLE}
        added |= _reached(late, children) & stands.published
        if any(layer_of[name] == Layer.STANDARD_MODEL.label for name in late):
            added |= {name for name in behind if layer_of[name] == Layer.STANDARD_MODEL.label}
        if added <= selected:
            break
        selected |= added
    models = {
        layer.label: tuple(sorted(name for name in selected if layer_of[name] == layer.label))
        for layer in Layer
    }
    extra = selected - needed
    after = _reached(needed, children) & extra
    return Scope(
        words,
        landing_zone,
        {label: names for label, names in models.items() if names},
        tuple(sorted(extra - after)),
        tuple(sorted(after)),
    )


def _neighbours(
    edges: Iterable[tuple[str, str]], layer_of: Mapping[str, str]
) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    parents: dict[str, set[str]] = {}
    children: dict[str, set[str]] = {}
    for parent, child in edges:
        if parent in layer_of and child in layer_of:
            parents.setdefault(child, set()).add(parent)
            children.setdefault(parent, set()).add(child)
    return parents, children


def _reached(start: Iterable[str], neighbours: Mapping[str, set[str]]) -> set[str]:
    """Everything that can be reached from `start`, itself left out unless another member leads to
    it.
    """
    reached: set[str] = set()
    front = set(start)
    while front:
        front = {name for node in front for name in neighbours.get(node, ())} - reached
        reached |= front
    return reached
