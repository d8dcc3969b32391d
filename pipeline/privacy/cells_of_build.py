"""The hidden cells of the tables that stand: worked out once, by the build that wrote the tables,
and kept beside them. Screens and exports read what was kept; where nothing was kept from the same
counts under the same rule (somebody built with bare dbt), they work it out themselves.
"""

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from sqlite3 import Connection
from typing import Any

from pipeline.privacy.cell_policy import (
    PROVIDER_CELL,
    REFERRAL_CELL,
    RISK_CELL,
    HiddenCells,
    Keys,
    hide,
)
from pipeline.store.browse.emptied_cells import cells
from pipeline.store.warehouse import kept_answers

QUESTION = "hidden cells"
#: The encounters that outcomes rest on.
MATURE = "mature_encounter_count"
#: What the answer rests on, in the order in which `hide` takes it: table and columns.
COUNTS = (
    (
        "provider_procedure_scorecard",
        (*PROVIDER_CELL, "encounter_count", "adverse_event_count", "is_suppressed", MATURE),
    ),
    ("volume_outcome", ("cpt", "tertile", "volume_from", "volume_to")),
    (
        "case_mix_reference",
        (*RISK_CELL, "encounter_count", "observed_count", MATURE, "procedure_group", "risk_group"),
    ),
    ("employer_network_coverage", (*REFERRAL_CELL, "referrals")),
)
#: The modules that make the answer from the counts.
RULE = ("cell_policy.py", "masking.py", "rings.py", "suppression.py")
Counts = list[list[tuple[Any, ...]]]


def hidden_cells(connection: Connection) -> HiddenCells:
    """The hidden cells of the tables that this connection reads."""
    counts = _counts(connection)
    answer = kept_answers.answer(connection, QUESTION, _digest(counts))
    return hide(*counts) if answer is None else _read(answer)


def keep(connection: Connection) -> None:
    """Work out the hidden cells and keep them, unless they are kept; call it in the transaction of
    the build, at its end.
    """
    counts = _counts(connection)
    digest = _digest(counts)
    if kept_answers.answer(connection, QUESTION, digest) is None:
        kept_answers.keep(connection, QUESTION, digest, _written(hide(*counts)))


def _counts(connection: Connection) -> Counts:
    return [cells(connection, table, columns) for table, columns in COUNTS]


def _digest(counts: Counts) -> str:
    """Of the counts and of the rule that looks at them."""
    digest = hashlib.blake2b(_rule(), digest_size=16)
    for rows in counts:
        digest.update(repr(rows).encode())
    return digest.hexdigest()


@lru_cache(maxsize=1)
def _rule() -> bytes:
    here = Path(__file__).parent
    return b"\0".join(here.joinpath(name).read_bytes() for name in RULE)


def _written(hidden: HiddenCells) -> str:
    return json.dumps([_as_lists(hidden.keys), _as_lists(hidden.in_files)])


def _as_lists(keys: Keys) -> list[list[Any]]:
    return [[grain, sorted(own, key=repr)] for grain, own in keys.items()]


def _read(answer: str) -> HiddenCells:
    keys, in_files = (
        {tuple(grain): frozenset(map(tuple, own)) for grain, own in part}
        for part in json.loads(answer)
    )
    return HiddenCells(keys, lambda: in_files)
