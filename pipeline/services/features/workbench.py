"""A training set in the browser: features of a basket joined to the shipped label or to somebody's
own rows, what came of it in numbers, and the command and the Python that give the same file.
"""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from pipeline.config import Settings
from pipeline.errors import InputRefused
from pipeline.features.entity_frame import feature_requests
from pipeline.features.leak_audit import FOLDS, provider_folds
from pipeline.features.separation import separating
from pipeline.privacy.masking import SMALLEST_CELL
from pipeline.services.access import audit
from pipeline.services.access.roles import EXPORT, SEE, needs
from pipeline.services.features import exports, training
from pipeline.services.features.retrieval import UNKNOWN_KEYS

FILE = "training.parquet"
ASKED = "asked"
CELL = ("cpt", "age_band", "sex")


@dataclass(frozen=True)
class Joined:
    """What a join came to. `positives` is None without a label, and HIDDEN where a screen may not
    tell them; `filled` tells by column how many rows have a value and `hidden` how many have one
    that the profile leaves empty, `unknown` by table how many rows ask for a key that it never
    held, `groups` by column how many groups a split has; `separating` are columns that give the
    label away.
    """

    rows: int
    positives: int | None
    mature: int | None
    filled: dict[str, int]
    hidden: dict[str, int]
    unknown: dict[str, int]
    groups: dict[str, int]
    folds: tuple[int, ...]
    separating: tuple[str, ...]


HIDDEN = -1


@needs(SEE)
def of_label(settings: Settings, feature_refs: tuple[str, ...], mature_only: bool) -> Joined:
    """The shipped label with the features joined, each known before the delivery of its row."""
    rows = training.training_set(settings, feature_refs=feature_refs)
    kept = rows[rows[training.MATURE] == 1] if mature_only else rows
    own = training.joined_names(feature_refs)
    judged = [*training.feature_names(), *own]
    return Joined(
        len(kept),
        _shown(kept[training.LABEL], rows[training.LABEL]),
        int((kept[training.MATURE] == 1).sum()),
        {name: int(kept[name].notna().sum()) for name in own},
        {},
        {},
        {name: int(kept[name].nunique()) for name in (training.GROUP, training.DELIVERY)},
        _folds(kept[training.GROUP]),
        separating(kept, training.LABEL, judged, CELL),
    )


@needs(EXPORT)
def of_file(
    settings: Settings,
    feature_refs: tuple[str, ...],
    frame: pd.DataFrame,
    moment: str,
    label: str | None,
    profile: str,
) -> Joined:
    """Rows of a file with the features joined, each as known at the moment of its row. Under
    internal the numbers rest on hidden cells, so the audit trail says who looked.
    """
    if profile == "internal":
        facts = {"features": list(feature_refs), "profile": profile, "rows": len(frame)}
        audit.record(settings, "join features", exports.subject(feature_refs), facts)
    answer = exports.joined(settings, feature_refs, frame, moment, True, profile)
    requested = feature_requests(feature_refs)
    names = training.joined_names(feature_refs)
    keys = list(dict.fromkeys(part for request in requested for part in request.table.key))
    labels = None if label is None else _labels(frame[label])
    return Joined(
        len(answer),
        None if labels is None else _shown(labels, labels),
        None,
        {name: int(answer[name].notna().sum()) for name in names},
        answer.attrs[exports.HIDDEN_CELLS],
        answer.attrs[UNKNOWN_KEYS],
        {key: int(frame[key].nunique()) for key in keys},
        _folds(frame[keys[0]].astype(str)) if keys else (),
        ()
        if labels is None
        else separating(answer.assign(**{str(label): labels}), str(label), names),
    )


def _labels(values: pd.Series) -> pd.Series:
    """A column of 0 and 1 as numbers; refuses any other, without a word of its cells."""
    numbers = pd.to_numeric(values, errors="coerce")
    if not numbers.isin([0, 1]).all():
        raise InputRefused("is no label", str(values.name), "a label is 0 or 1 in every row")
    return numbers.astype(int)


def _shown(labels: pd.Series, every: pd.Series) -> int:
    """How many rows are positive; HIDDEN where they, the others, or what is left out of `every` are
    fewer than a screen may tell.
    """
    parts = [int(labels.sum()), int((labels == 0).sum())]
    left = [int(every.sum()) - parts[0], int((every == 0).sum()) - parts[1]]
    if min(parts) < SMALLEST_CELL or (any(left) and min(left) < SMALLEST_CELL):
        return HIDDEN
    return parts[0]


def _folds(groups: pd.Series) -> tuple[int, ...]:
    """Rows of each part of a split by group, no group in two parts."""
    if groups.nunique() < FOLDS:
        return ()
    return tuple(len(judged) for _, judged in provider_folds(groups.to_numpy(), seed=1))


@dataclass(frozen=True)
class FileRequest:
    """A training set as a file: of the shipped label, or with `moment`, the column of moments, of
    a file of rows.
    """

    feature_refs: Sequence[str]
    mature_only: bool = False
    moment: str | None = None
    profile: str = "internal"
    note: str = ""

    @property
    def command(self) -> str:
        """The command that writes it."""
        words = ["icon-health", "features"]
        words += ["training"] if self.moment is None else ["historical", f"{ASKED}.csv"]
        words += [word for each in self.feature_refs for word in ("--feature", each)]
        words += ["--mature-only"] if self.mature_only else []
        words += [] if self.moment is None else ["--moment", self.moment, "--full-names"]
        words += ["--profile", self.profile, *(["--reason", self.note] if self.note else [])]
        return shlex.join([*words, "--out", FILE])

    @property
    def snippet(self) -> str:
        """The Python that writes it, with the split that the docs prescribe."""
        listed = "".join(f"    {each!r},\n" for each in self.feature_refs)
        module = "training" if self.moment is None else "exports"
        call = (
            f"rows, manifest = training.export(\n    settings, Path({FILE!r}), mature_only={self.mature_only}, "
            f"profile={self.profile!r}, note={self.note!r}, feature_refs=features\n)\n"
            if self.moment is None
            else f"rows, unknown, manifest = exports.historical(\n    settings, features, "
            f"Path({ASKED + '.csv'!r}), Path({FILE!r}), moment={self.moment!r}, full_names=True, "
            f"profile={self.profile!r}, note={self.note!r}\n)\n"
        )
        return (
            "from pathlib import Path\n\n"
            "from pipeline.config import load_settings\n"
            f"from pipeline.services.features import {module}\n\n"
            f"settings = load_settings()\nfeatures = [\n{listed}]\n{call}"
            f"{_split(self.moment is None, self.feature_refs)}"
        )


def audit_command(feature_refs: Sequence[str]) -> str:
    """The command that attacks the same rows with chance labels."""
    words = [word for each in feature_refs for word in ("--feature", each)]
    return shlex.join(["icon-health", "features", "audit", *words])


def _split(of_label: bool, feature_refs: Sequence[str]) -> str:
    group = training.GROUP if of_label else feature_requests(feature_refs)[0].table.key[0]
    return (
        f"\n# split by group, never at random: rows of one group share their history\n"
        f"groups = rows[{group!r}]\n"
    )
