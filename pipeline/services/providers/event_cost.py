"""What encounters with an adverse event cost beside those without one: exploratory, for who has an
event differs in more than the event.

Amounts are compared within a procedure, on the log scale, from encounters that a screen shows. A
procedure is told from eleven encounters of either kind on; what is left of all is told only where
it is eleven, too.
"""

import numpy as np
import pandas as pd

from pipeline.config import Settings
from pipeline.privacy.masking import SMALLEST_CELL
from pipeline.services.tables.visible import open_visible
from pipeline.store.sqlite.statements import relation_names

#: A decision, or a step of a run, leaves these answers as they are.
ANSWERS_FROM_WAREHOUSE_ALONE = True

OVERALL = "All procedures"
NEEDED = ("fct_encounter", "dim_procedure")


def event_cost(settings: Settings) -> pd.DataFrame:
    """procedure, events, others, ratio of the geometric means, low, high; empty where nothing may
    be told.
    """
    with open_visible(settings, *NEEDED) as connection:
        if not set(NEEDED) <= set(relation_names(connection)):
            return pd.DataFrame()
        sums = pd.read_sql_query(
            "select cpt, has_adverse_event as event, count(*) as n, sum(ln_paid) as total, "
            "sum(ln_paid * ln_paid) as squares from fct_encounter where is_outcome_counted = 1 "
            "and has_adverse_event is not null and ln_paid is not null group by 1, 2",
            connection,
        )
        labels = pd.read_sql_query("select cpt, plain_label from dim_procedure", connection)
    names = dict(zip(labels["cpt"], labels["plain_label"], strict=True))
    found = ratios(sums)
    return found.assign(procedure=[names.get(cpt, cpt) for cpt in found["procedure"]])


def ratios(sums: pd.DataFrame) -> pd.DataFrame:
    """From cpt, event (0 or 1), n, total, squares."""
    wide = sums.pivot(index="cpt", columns="event", values=["n", "total", "squares"])
    if not {0, 1} <= set(sums["event"]):
        return _frame([])
    wide = wide.dropna()
    n1, n0 = wide["n", 1], wide["n", 0]
    rest = sum(
        wide["squares", event] - wide["total", event] ** 2 / wide["n", event] for event in (0, 1)
    )
    table = pd.DataFrame({"n1": n1, "n0": n0, "rest": rest})
    table["gap"] = wide["total", 1] / n1 - wide["total", 0] / n0
    is_shown = (n1 >= SMALLEST_CELL) & (n0 >= SMALLEST_CELL)
    left = table[~is_shown]
    may_add = left.empty or (
        len(left) > 1 and min(left["n1"].sum(), left["n0"].sum()) >= SMALLEST_CELL
    )
    rows = [(cpt, *_pooled(table.loc[[cpt]])) for cpt in table.index[is_shown]]
    whole = table if may_add else table[is_shown]
    if len(whole) > 1:
        rows.insert(0, (OVERALL, *_pooled(whole)))
    return _frame(rows)


def _pooled(table: pd.DataFrame) -> tuple[int, int, float, float, float]:
    """The gap within procedures, weighted by what each tells; one residual variance for all."""
    weights = table["n1"] * table["n0"] / (table["n1"] + table["n0"])
    free = (table["n1"] + table["n0"] - 2).sum()
    gap = float((weights * table["gap"]).sum() / weights.sum())
    error = float(np.sqrt(max(0.0, table["rest"].sum()) / free / weights.sum()))
    ratio, low, high = (float(np.exp(gap + sign * 1.959964 * error)) for sign in (0, -1, 1))
    return int(table["n1"].sum()), int(table["n0"].sum()), ratio, low, high


def _frame(rows: list[tuple]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["procedure", "events", "others", "ratio", "low", "high"])
