"""What past runs left behind: row counts beside the run before, durations by model."""

import pandas as pd

from pipeline.config import Settings
from pipeline.store import result_history
from pipeline.store.database import open_control


def row_counts(settings: Settings, run_id: str) -> pd.DataFrame:
    """Columns table_name, rows, previous_rows of what one run published."""
    with open_control(settings) as connection:
        return result_history.row_counts(connection, run_id)


def durations(settings: Settings) -> pd.DataFrame:
    """Columns run_id, node, name, layer, seconds of the models of the last finished runs."""
    with open_control(settings) as connection:
        return result_history.node_durations(connection)
