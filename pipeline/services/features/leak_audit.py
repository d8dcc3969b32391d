"""Does the training set give its label away? Attacks on copies of the home with chance labels."""

import importlib.util
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.config import Settings
from pipeline.declared.layers import Layer
from pipeline.errors import InputRefused
from pipeline.features.leak_audit import Attack, Moments, column_moments, leaks, tree_moments
from pipeline.services.access.roles import SEE, needs
from pipeline.services.features.training import DELIVERY, GROUP, LABEL, check_joinable, training_set
from pipeline.services.run import runs
from pipeline.store.marts import null_labels
from pipeline.store.sqlite.database import open_file, open_warehouse
from pipeline.store.sqlite.home_files import prepare_home

#: By kind of chance labels: the columns within which they were permuted.
STRATA = {"delivery": [DELIVERY], "risk cell": [DELIVERY, "cpt", "age_band", "sex"]}
#: Share of audits that name a leak where there is none.
FALSE_ALARM = 0.001
LEAST_EVENTS = 20


@dataclass(frozen=True)
class Audit:
    """`worlds` copies with chance labels, `events` in each, every attack on all of them together,
    and the attacks that chance does not explain.
    """

    worlds: int
    rows: int
    events: int
    false_alarm: float
    attacks: tuple[Attack, ...]
    leaks: tuple[Attack, ...]


@needs(SEE)
def audit(
    settings: Settings, worlds: int = 1, seed: int = 1, feature_refs: Sequence[str] = ()
) -> Audit:
    """Permute the labels of a private copy of the home, build its gold tables and features anew,
    and attack the training set with the features joined to it: `worlds` copies of each kind. The
    home is only read.

    Raises InputRefused before the first build, below LEAST_EVENTS events, or without scikit-learn.
    """
    if importlib.util.find_spec("sklearn") is None:
        raise InputRefused(
            "is not installed",
            "scikit-learn",
            "install it: pip install 'icon-health-workbench[baseline]'",
        )
    check_joinable(feature_refs)
    events = int(training_set(settings)[LABEL].sum())
    if events < LEAST_EVENTS:
        raise InputRefused(
            f"holds {events} adverse events, too few for an audit",
            "the training set",
            f"deliver {LEAST_EVENTS} or more",
        )
    moments: dict[tuple[str, str], Moments] = {}
    rows = 0
    for world in range(worlds):
        for place, (kind, strata) in enumerate(STRATA.items()):
            chance = seed + len(STRATA) * world + place
            frame = _chance_rows(settings, kind, chance, feature_refs)
            rows = len(frame)
            found = tree_moments(frame, LABEL, strata, GROUP, DELIVERY, chance)
            found |= column_moments(frame, LABEL, STRATA["risk cell"])
            for attack, part in found.items():
                moments[attack] = moments.get(attack, Moments()) + part
    attacks = tuple(part.attack(*attack) for attack, part in moments.items())
    return Audit(
        worlds * len(STRATA), rows, events, FALSE_ALARM, attacks, leaks(attacks, FALSE_ALARM)
    )


def _chance_rows(settings: Settings, kind: str, seed: int, feature_refs: Sequence[str]):
    """The training set of a copy of the home whose labels are permuted."""
    with tempfile.TemporaryDirectory() as folder:
        copy = replace(settings, home=Path(folder) / "home")
        prepare_home(copy)
        with open_warehouse(settings) as published, open_file(copy.warehouse_path, True) as made:
            published.backup(made)
            null_labels.permute(made, kind, seed)
        runs.run_now(
            copy,
            layers=[Layer.ENTERPRISE_DATASETS.label, Layer.FEATURE_STORE.label],
            requested_by="audit",
        )
        return training_set(copy, feature_refs=feature_refs)
