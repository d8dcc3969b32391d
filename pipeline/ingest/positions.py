"""Text of fixed width: the columns of its lines by the positions of their characters.

Positions are stated (`1-12,13-20,21-`), or proposed where blanks line columns up; nobody's file is
read by a proposal alone. What a line holds outside the stated columns is never left out: it becomes
a cell too many, and the line is no row.
"""

import re
from collections.abc import Sequence

from pipeline.errors import InputRefused
from pipeline.ingest.evidence import Evidence, certain
from pipeline.ingest.questions import Choice, Question
from pipeline.ingest.side_lines import FOOTER_WORDS

#: First and last character of a column, counted from 1; None for the end of the line.
Span = tuple[int, int | None]
SPAN = re.compile(r"(\d{1,7})(?:(-)(\d{1,7})?)?")
HOW = "state first and last character of each column, as in 1-12,13-20,21-"
#: Lines that show how columns are lined up.
SEEN_LINES = 200
#: Lines of one length, and so long, are hardly one column.
EVEN_LINES, EVEN_LENGTH = 3, 20
#: A line that is one identifier.
ONE_CODE = re.compile(r"[\w=-]+")
#: A line of dashes above the rows, as databases print them, and where it stands.
RULER, RULED_LINES = re.compile(r"\s*-+(?: +-+)+\s*"), 10
LINED_UP = re.compile(r"\s*\S+(?: \S+)*(?: {2,}\S+(?: \S+)*)+\s*")


def spans_of(positions: str) -> tuple[Span, ...]:
    """The columns that somebody stated; raises InputRefused for what states none, for columns that
    overlap, and for more than one that ends with the line.
    """
    spans: list[Span] = []
    for part in positions.split(","):
        match = SPAN.fullmatch(part.strip())
        if match is None:
            raise InputRefused(f"{part.strip()!r} is no column", "positions", HOW)
        first = int(match[1])
        last = int(match[3]) if match[3] else None if match[2] else first
        if first < 1 or (last is not None and last < first):
            raise InputRefused(f"{part.strip()!r} has no characters", "positions", HOW)
        if spans and (spans[-1][1] is None or first <= spans[-1][1]):
            raise InputRefused(f"{part.strip()!r} overlaps the column before it", "positions", HOW)
        spans.append((first, last))
    return tuple(spans)


def stated(spans: Sequence[Span]) -> str:
    """Columns as somebody states them: `1-12,13-20,21-`."""
    return ",".join(
        f"{first}-" if last is None else str(first) if first == last else f"{first}-{last}"
        for first, last in spans
    )


def cells(line: str, spans: Sequence[Span]) -> list[str]:
    """The cells of a line without the blanks that fill them; behind them, as cells too many, what
    stands outside every column.
    """
    text = line.rstrip("\r\n")
    row, outside, end = [], [], 0
    for first, last in spans:
        row.append(text[first - 1 : last].strip(" "))
        outside.append(text[end : first - 1])
        end = len(text) if last is None else last
    return row + [rest.strip(" ") for rest in (*outside, text[end:]) if rest.strip(" ")]


def proposed(lines: Sequence[str]) -> tuple[Span, ...]:
    """The columns of lines that blanks line up: each begins beneath dashes of its own where a line
    is ruled so, else where every line has a blank before it. None where fewer than two columns are
    seen.
    """
    texts = [line.rstrip() for line in lines if line.strip()][:SEEN_LINES]
    while texts and FOOTER_WORDS.match(texts[-1]) and not RULER.fullmatch(texts[-1]):
        texts.pop()
    if len(texts) < 2 or any("\t" in text for text in texts):
        return ()
    ruler = next(filter(RULER.fullmatch, texts[:RULED_LINES]), None)
    if ruler is not None:
        return _beneath(ruler, texts)
    filled = [
        any(text[at] != " " for text in texts if at < len(text))
        for at in range(max(map(len, texts)))
    ]
    if sum(LINED_UP.fullmatch(text) is not None for text in texts) < len(texts):
        return ()
    starts = [
        at + 1
        for at, is_filled in enumerate(filled)
        if is_filled and (not at or not filled[at - 1])
    ]
    return _spans(_named(starts, texts[0])) if len(starts) > 1 else ()


def _named(starts: Sequence[int], header: str) -> Sequence[int]:
    """Those columns that have a name in the first line, where it names several: the parts of a list
    are lined up as well, beneath one name.
    """
    ends = [*(at - 1 for at in starts[1:]), None]
    named = [at for at, end in zip(starts, ends, strict=True) if header[at - 1 : end].strip()]
    return named if len(named) > 1 else starts


def _beneath(ruler: str, texts: Sequence[str]) -> tuple[Span, ...]:
    """The columns of a line of dashes; none where some line has a letter between two of them."""
    starts = [dashes.start() + 1 for dashes in re.finditer("-+", ruler)]
    if any(text[at - 2 : at - 1].strip() for text in texts for at in starts[1:]):
        return ()
    return _spans(starts)


def _spans(starts: Sequence[int]) -> tuple[Span, ...]:
    starts = [1, *starts[1:]]
    return tuple(
        (first, next_one - 1) for first, next_one in zip(starts, starts[1:], strict=False)
    ) + ((starts[-1], None),)


def question(lines: Sequence[str], spans: Sequence[Span]) -> Question | None:
    """What to ask about lines that no sign parts, with the columns that blanks line up if there are
    any; None when they may be one column.
    """
    if spans:
        choice = Choice(stated(spans), f"blanks line up {len(spans)} columns")
        return Question(
            "positions", "is of fixed width: its columns are lined up with blanks", (choice,)
        )
    texts = [line.rstrip("\r\n") for line in lines if line.strip()]
    lengths = [*map(len, texts)]
    if len(lengths) < EVEN_LINES or len(set(lengths)) > 1 or lengths[0] < EVEN_LENGTH:
        return None
    if all(map(ONE_CODE.fullmatch, texts)):
        return None
    return Question(
        "positions",
        f"seems to be of fixed width: no sign parts its cells, and its lines have {lengths[0]} "
        "characters each",
    )


def evidence(spans: Sequence[Span], is_stated: bool) -> Evidence:
    """What speaks for the columns."""
    if is_stated:
        return certain(f"{len(spans)} columns are stated")
    return Evidence(0.4, ("blanks line its columns up",))
