"""Whether a file holds another table above the one that is read."""

from collections.abc import Sequence

from pipeline.ingest.cell_kinds import TEXT, TYPED, WORD, kind
from pipeline.ingest.header_lines import Row
from pipeline.ingest.questions import Choice, Question

#: Fewer columns are notes with their labels (`sender, MSK`), not a table.
LEAST_WIDTH = 3


def question_about_tables(rows: Sequence[Row], first: int) -> Question | None:
    """What to ask when a table of its own, names over data, stands above the header in row `first`;
    its rows would be lost as notes.
    """
    for at, (position, names) in enumerate(rows[: max(first - 1, 0)]):
        data = rows[at + 1][1]
        if (
            len(names) == len(data) >= LEAST_WIDTH
            and len(names) != len(rows[first][1])
            and _are_names(names)
            and any(kind(cell) in TYPED for cell in data)
        ):
            return Question(
                "header_line",
                "holds more than one table, of which one can be read",
                (
                    Choice(rows[first][0] + 1, f"the table of {len(rows[first][1])} columns"),
                    Choice(position + 1, f"the table of {len(names)} columns above it"),
                ),
            )
    return None


def _are_names(cells: Sequence[str]) -> bool:
    texts = [cell for cell in cells if cell.strip()]
    return 2 * len(texts) > len(cells) and all(kind(cell) in (WORD, TEXT) for cell in texts)
