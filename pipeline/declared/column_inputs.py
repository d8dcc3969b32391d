"""What each model, and each of its columns, is made of: the relations and columns that its
statement reads.

`column_inputs.json` is worked out from the compiled statements by `python -m docs.make --classes`.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

FILE = Path(__file__).with_name("column_inputs.json")


@dataclass(frozen=True)
class Inputs:
    """Relations that a model reads, and of each of its columns the (relation, column) pairs whose
    values its expression reads.
    """

    relations: tuple[str, ...]
    columns: dict[str, tuple[tuple[str, str], ...]]


@lru_cache(maxsize=2)
def load_inputs(path: Path = FILE) -> dict[str, Inputs]:
    """Model -> what it is made of."""
    return {
        name: Inputs(
            tuple(made["reads"]),
            {
                column: tuple((each.partition(".")[0], each.partition(".")[2]) for each in read)
                for column, read in made["columns"].items()
            },
        )
        for name, made in json.loads(path.read_text(encoding="utf-8")).items()
    }
