"""A spine: somebody's own rows of entity keys and moments, to which features are joined.

Keys may name patients. They stay in memory: no error, log or address holds a cell of a spine, and
a name of a column is told only where it cannot be a cell of a file without a header.
"""

import io
import re
from pathlib import Path

import pandas as pd

from pipeline.errors import InputRefused
from pipeline.features.registry import TIME
from pipeline.privacy.id_shapes import identifier_in
from pipeline.quality import npi

__all__ = ["TIME", "read"]

#: What a column may be called: a first line that holds keys or dates is no header.
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_ .-]{0,59}")


def read(file: Path | io.BytesIO, ending: str) -> pd.DataFrame:
    """The rows of a CSV or Parquet file; of CSV every cell is text.

    Raises InputRefused for a file that cannot be read, and for one without a header.
    """
    try:
        frame = pd.read_csv(file, dtype=str) if ending == ".csv" else pd.read_parquet(file)
    except (ValueError, OSError) as error:  # what pandas and pyarrow say may quote a line
        raise InputRefused(
            f"cannot be read ({type(error).__name__})",
            "the file of keys and moments",
            "give CSV in UTF-8 with a header, or Parquet",
        ) from None
    for place, name in enumerate(map(str, frame.columns), start=1):
        if not NAME.fullmatch(name) or identifier_in(name, npi.is_valid):
            raise InputRefused(
                f"column {place} has no name, or one that may be a cell",
                "the file of keys and moments",
                "begin it with a line of column names",
            )
    return frame
