"""How the providers of a home would look if chance alone acted: the adverse events of each risk
group dealt at random to its encounters, again and again, and each world judged as the data are.

Worlds come from the counts of the risk groups; what is compared with them are the numbers that a
screen shows, and only how many worlds reach these leaves here. The draws begin with the key of the
home and the build, so the same tables give the same answer and nobody outside can repeat them.
"""

import hashlib
import json
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.config import Settings
from pipeline.services.tables.visible import open_visible
from pipeline.store.browse import tables
from pipeline.store.sqlite.database import Database, open_warehouse
from pipeline.store.sqlite.statements import relation_names
from pipeline.store.warehouse.state import build_stamp

#: A decision, or a step of a run, leaves these answers as they are.
ANSWERS_FROM_WAREHOUSE_ALONE = True

WORLDS = 200
NEEDED = ("provider_scorecard", "provider_case_mix", "case_mix_reference")
KEY = "ops_provider_group_key"
LIMITS = ("95", "998")
SHOWN = [
    "npi",
    "adverse_event_count",
    "expected_adverse_event_count",
    *(f"{side}_count_{name}" for name in LIMITS for side in ("lower", "upper")),
]


@dataclass(frozen=True)
class ChanceWorlds:
    """Of `worlds` chance worlds so many spread the `providers` that are shown as much or more
    (`as_spread`), and put as many or more of them outside limits (`as_many_outside`, by limits)
    as the data (`outside`).
    """

    worlds: int
    providers: int
    as_spread: int
    outside: dict[str, int]
    as_many_outside: dict[str, int]


def chance_worlds(settings: Settings) -> ChanceWorlds | None:
    """The comparison; None where fewer than two providers have an outcome that is shown."""
    with open_visible(settings, "provider_scorecard") as connection:
        if not set(NEEDED) <= set(relation_names(connection)):
            return None
        shown = tables.table_page(
            connection, "provider_scorecard", columns=SHOWN, limit=tables.MAX_PAGE_ROWS
        )
    shown = shown.dropna(subset=["adverse_event_count", "expected_adverse_event_count"])
    shown = shown[shown["expected_adverse_event_count"] > 0].astype(
        {name: "float64" for name in SHOWN[1:]}
    )
    if len(shown) < 2:
        return None
    with open_warehouse(settings) as connection:
        cells, seed = _cells(connection), _seed(connection)
    dealt = deal(cells, WORLDS, seed).reindex(columns=shown["npi"], fill_value=0).to_numpy()
    return compared(shown, dealt)


def deal(cells: pd.DataFrame, worlds: int, seed: int) -> pd.DataFrame:
    """Adverse events of each provider (column) in each world (row): those of each risk group fall
    on its encounters at random. `cells` are npi, risk_group, encounters, events.
    """
    generator = np.random.default_rng(seed)
    providers = sorted(cells["npi"].unique())
    events = pd.DataFrame(0, index=range(worlds), columns=providers)
    for _, cell in cells.sort_values("npi").groupby("risk_group", sort=True):
        drawn = generator.multivariate_hypergeometric(
            cell["encounters"].to_numpy(int), int(cell["events"].sum()), size=worlds,
            method="marginals",
        )  # fmt: skip
        events[cell["npi"].tolist()] += drawn
    return events


def compared(shown: pd.DataFrame, dealt: np.ndarray) -> ChanceWorlds:
    """How many worlds (rows of `dealt`, columns as the rows of `shown`) look like the data, or
    worse: by the sum of (O - E)^2 / E, and by verdicts of the funnel.
    """
    observed = shown["adverse_event_count"].to_numpy()[None, :]
    expected = shown["expected_adverse_event_count"].to_numpy()

    def spread(counts: np.ndarray) -> np.ndarray:
        return np.round(((counts - expected) ** 2 / expected).sum(axis=1), 9)

    def outside(counts: np.ndarray, limits: str) -> np.ndarray:
        low, high = (shown[f"{side}_count_{limits}"].to_numpy() for side in ("lower", "upper"))
        # no count is beyond a limit that is missing
        return ((counts <= low) | (counts >= high)).sum(axis=1)

    own = {limits: int(outside(observed, limits)[0]) for limits in LIMITS}
    return ChanceWorlds(
        len(dealt),
        len(shown),
        int((spread(dealt) >= spread(observed)[0]).sum()),
        own,
        {limits: int((outside(dealt, limits) >= own[limits]).sum()) for limits in LIMITS},
    )


def _cells(connection: Database) -> pd.DataFrame:
    return pd.read_sql_query(
        "select npi, risk_group, sum(mature_encounter_count) as encounters, "
        "sum(adverse_event_count) as events from provider_case_mix "
        "where mature_encounter_count > 0 and adverse_event_count is not null "
        "group by npi, risk_group",
        connection,
    )


def _seed(connection: Database) -> int:
    """From the key of the home and the build: the same for the same tables, known to nobody."""
    key = connection.execute(f"select * from {KEY}").fetchone()
    text = json.dumps([list(key or ()), (build_stamp(connection) or {}).get("build_id")])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
