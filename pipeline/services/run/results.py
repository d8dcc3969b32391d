"""What past runs left behind: row counts beside the run before, durations by model, two runs side
by side.
"""

from dataclasses import dataclass

import pandas as pd

from pipeline.config import Settings
from pipeline.store.control import result_history, run_comparison
from pipeline.store.control.control_file import open_control


def row_counts(settings: Settings, run_id: str) -> pd.DataFrame:
    """Columns table_name, rows, previous_rows of what one run published."""
    with open_control(settings) as connection:
        return result_history.row_counts(connection, run_id)


def durations(settings: Settings) -> pd.DataFrame:
    """Columns run_id, node, name, layer, seconds of the models of the last finished runs."""
    with open_control(settings) as connection:
        return result_history.node_durations(connection)


def rule_results(settings: Settings, run_id: str) -> pd.DataFrame:
    """What every rule found in one run, most failing rows first; `change` against the run before,
    empty for the first.
    """
    with open_control(settings) as connection:
        results_frame = result_history.rule_results(connection, run_id)
    return results_frame.assign(
        change=results_frame["failing_rows"] - results_frame["previous_rows"]
    )


#: A model got slower when its newest run took this many times its usual time, and at least this
#: much longer.
SLOWER_TIMES, SLOWER_SECONDS, SLOWER_RUNS = 1.5, 0.2, 3


def model_trends(settings: Settings) -> pd.DataFrame:
    """One row a model, slowest first: name, layer, seconds (newest), usual (median of the runs
    before), share (of usual), slower, history (all seconds, oldest first).
    """
    trends = durations(settings)
    rows = []
    for (name, layer), own in trends.groupby(["name", "layer"], sort=False):
        seconds = own["seconds"].tolist()
        before = pd.Series(seconds[:-1], dtype="float64")
        usual = float(before.median()) if len(before) else None
        slower = (
            usual is not None
            and len(seconds) >= SLOWER_RUNS
            and seconds[-1] > SLOWER_TIMES * usual
            and seconds[-1] - usual > SLOWER_SECONDS
        )
        rows.append(
            {
                "name": name,
                "layer": layer,
                "seconds": seconds[-1],
                "usual": usual,
                "slower": bool(slower),
                "runs": len(seconds),
                "history": seconds,
            }
        )
    frame = pd.DataFrame(
        rows, columns=["name", "layer", "seconds", "usual", "slower", "runs", "history"]
    )
    return frame.sort_values(["slower", "seconds"], ascending=False, ignore_index=True)


def since_last(settings: Settings, run_id: str) -> "tuple[str, Comparison] | None":
    """The run that published before this one, and what changed since; None for the first one and
    for one that published nothing.
    """
    with open_control(settings) as connection:
        before = result_history.published_before(connection, run_id)
    return (before, compare(settings, before, run_id)) if before else None


@dataclass(frozen=True)
class Comparison:
    """Two runs side by side; every frame has its keys, then before, after and change (after less
    before, empty if one lacks it).

    `rows` by table_name; `ledger` by entity and fate; `rules` (failing rows) by rule_id, rule_name
    and entity; `seconds` by name and layer of the model.
    """

    rows: pd.DataFrame
    ledger: pd.DataFrame
    rules: pd.DataFrame
    seconds: pd.DataFrame


def compare(settings: Settings, before: str, after: str) -> Comparison:
    """What changed from one run to another; frames of runs that left nothing are empty."""
    with open_control(settings) as connection:
        changes = (
            run_comparison.row_counts,
            run_comparison.ledger,
            run_comparison.failing_rows,
            run_comparison.seconds,
        )
        frames = [read(connection, before, after) for read in changes]
    return Comparison(*(frame.assign(change=frame["after"] - frame["before"]) for frame in frames))
