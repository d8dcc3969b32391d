"""Answers for people: aligned tables, numbers with separators, times in short."""

from collections.abc import Iterable, Sequence


def table(rows: Iterable[Sequence], headings: Sequence[str]) -> str:
    """Rows under headings, columns aligned, numbers to the right; a line says so when there are
    none.
    """
    cells = [[_cell(value) for value in row] for row in rows]
    if not cells:
        return "  nothing"
    right = [all(_is_number(text) for text in column) for column in zip(*cells, strict=True)]
    widths = [max(len(text) for text in column) for column in zip(headings, *cells, strict=True)]
    lines = [
        "  ".join(
            heading.rjust(width) if is_right else heading.ljust(width)
            for heading, width, is_right in zip(headings, widths, right, strict=True)
        ).rstrip()
    ]
    lines += [
        "  ".join(
            text.rjust(width) if is_right else text.ljust(width)
            for text, width, is_right in zip(row, widths, right, strict=True)
        ).rstrip()
        for row in cells
    ]
    return "\n".join(f"  {line}" for line in lines)


def section(title: str, body: str) -> str:
    """A titled block."""
    return f"{title}\n{body}"


def seconds(value: float | None) -> str:
    """`4.2 s`, `1 min 12 s`."""
    if value is None:
        return ""
    if value < 60:
        return f"{value:.1f} s"
    return f"{int(value // 60)} min {int(value % 60)} s"


def moment(value: str | None) -> str:
    """`2026-07-01 12:00 UTC` of a stored time."""
    return f"{value[:10]} {value[11:16]} UTC" if value else ""


def counted(count: int, what: str) -> str:
    """`1 row`, `2,000 rows`."""
    return f"{count:,} {what if count == 1 else what + 's'}"


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.2f}"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return str(value)


def _is_number(text: str) -> bool:
    return bool(text) and not text.strip("0123456789,.-")
