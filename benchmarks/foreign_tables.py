"""Random tables of many domains, written as badly as people write them, each with its truth.

    python -m benchmarks.foreign_tables [--files 300] [--seed 1] [--systems ours,csv,pandas]

Every file is drawn from its seed: what its columns hold, how cells are told apart, and what stands
around the table. Nothing of it comes from the sources of this project. The score of a file is that
of `csv_front_door`: 10 is best.
"""

import argparse
import random
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.csv_front_door import SYSTEMS, Rows, score

SYLLABLES = (
    *("ba", "ce", "do", "fu", "ga", "hi", "jo", "ka", "lu", "me", "no", "pe", "qui", "ra"),
    *("so", "ta", "ve", "wi", "xo", "yu", "zan", "mir", "tol", "ber"),
)
SIGNS = {"EUR": "€{}", "USD": "${}", "GBP": "{} GBP", "": "{}"}


def word(chance: random.Random, capital: bool = True) -> str:
    """A word of two to four syllables."""
    text = "".join(chance.choices(SYLLABLES, k=chance.randint(2, 4)))
    return text.capitalize() if capital else text


def sentence(chance: random.Random, delimiter: str) -> str:
    """Three to twelve words with a comma, a delimiter or a quoted word now and then."""
    words = [word(chance, capital=False) for _ in range(chance.randint(3, 12))]
    if chance.random() < 0.3:
        words[1] += ","
    if chance.random() < 0.15:
        words[-1] += delimiter.strip() or ";"
    if chance.random() < 0.1:
        words[0] = f'"{words[0]}"'
    return " ".join(words).capitalize() + chance.choice([".", "", "!", " (new)"])


def _amount(chance: random.Random) -> Callable[[], str]:
    grouped, sign = chance.random() < 0.3, chance.choice(list(SIGNS.values()))
    comma = chance.random() < 0.25

    def cell() -> str:
        value = chance.lognormvariate(5, 2)
        text = f"{value:,.2f}" if grouped else f"{value:.2f}"
        return sign.format(text.translate(str.maketrans(",.", ".,")) if comma else text)

    return cell


def _date(chance: random.Random) -> Callable[[], str]:
    form = chance.choice(
        [
            "{y}-{m:02}-{d:02}",
            "{d:02}/{m:02}/{y}",
            "{m}/{d}/{y}",
            "{d:02}.{m:02}.{y}",
            "{y}-{m:02}-{d:02}T{h:02}:15:00Z",
            "{d} Mar {y}",
        ]
    )
    return lambda: form.format(
        y=chance.randint(1950, 2030),
        m=chance.randint(1, 12),
        d=chance.randint(1, 28),
        h=chance.randint(0, 23),
    )


def columns(chance: random.Random, delimiter: str) -> list[tuple[str, Callable[[], str]]]:
    """(name, maker of its cells) of each column of a random table."""
    kinds: list[tuple[str, Callable[[], Callable[[], str]]]] = [
        ("id", lambda: lambda: str(chance.randint(1, 99_999))),
        ("code", lambda: lambda: f"{chance.choice('ABCDX')}{chance.randint(10, 9_999)}"),
        ("amount", lambda: _amount(chance)),
        ("date", lambda: _date(chance)),
        ("time", lambda: lambda: f"{chance.randint(0, 23):02}:{chance.randint(0, 59):02}"),
        ("town", lambda: lambda: word(chance)),
        ("person", lambda: lambda: f"{word(chance)}, {word(chance)}"),
        ("full_name", lambda: lambda: f"{word(chance)} {word(chance)}"),
        ("note", lambda: lambda: sentence(chance, delimiter)),
        (
            "url",
            lambda: lambda: f"https://{word(chance, False)}.org/{chance.randint(1, 99)}?a=1&b=2",
        ),
        ("share", lambda: lambda: f"{chance.uniform(0, 100):.1f}%"),
        ("active", lambda: lambda: chance.choice(["yes", "no"])),
        ("measure", lambda: lambda: f"{chance.gauss(0, 3):.4f}"),
        ("scientific", lambda: lambda: f"{chance.lognormvariate(0, 9):.3E}"),
        ("empty", lambda: lambda: ""),
        ("sparse", lambda: lambda: word(chance) if chance.random() < 0.2 else ""),
        ("mail", lambda: lambda: f"{word(chance, False)}@{word(chance, False)}.com"),
        ("place", lambda: lambda: f"({chance.uniform(0, 90):.3f}, {chance.uniform(0, 90):.3f})"),
    ]
    drawn = chance.choices(kinds, k=chance.randint(2, 14))
    style = chance.choice([str, str.title, str.upper, lambda name: name.replace("_", " ")])
    names = [style(f"{name}_{word(chance, False)}") for name, _ in drawn]
    return [(name, maker()) for name, (_, maker) in zip(names, drawn, strict=True)]


@dataclass(frozen=True)
class ForeignTable:
    """One file: its bytes, what a reader should return (header first), and how it was written."""

    data: bytes
    truth: Rows
    traits: tuple[str, ...]


#: What stands around a table, the commonest first, with how often it is drawn.
LAYOUTS = {
    "nothing": 6,
    "notes above": 3,
    "title and blank line": 2,
    "comments above": 1,
    "footer": 2,
    "units": 1,
    "ruler": 1,
    "two header lines": 1,
    "sep line": 1,
}


def foreign_table(seed: int) -> ForeignTable:
    """The file of a seed."""
    chance = random.Random(seed)
    delimiter = chance.choice([",", ",", ",", ";", ";", "\t", "|", "^", "~", "\x1f", "||"])
    made = columns(chance, delimiter)
    header = [name for name, _ in made]
    rows = [[make() for _, make in made] for _ in range(int(chance.lognormvariate(3, 1.2)) + 2)]
    quotes = chance.choice(["minimal", "minimal", "all", "text", "backslash", "single"])
    padding = " " if chance.random() < 0.1 and delimiter in ",;|" else ""
    ending = delimiter if chance.random() < 0.1 else ""
    layout = chance.choices(list(LAYOUTS), weights=list(LAYOUTS.values()))[0]
    if layout == "sep line" and len(delimiter) > 1:
        layout = "nothing"

    def line(cells: Sequence[str], end: str = ending) -> str:
        return (delimiter + padding).join(_quoted(cell, delimiter, quotes) for cell in cells) + end

    header_end = chance.choice([ending, ""])
    lines = [line(header, header_end), *map(line, rows)]
    truth = [header + [""] * bool(header_end), *(row + [""] * bool(ending) for row in rows)]
    if layout == "two header lines":
        groups = [word(chance) for _ in header]
        lines.insert(0, line(groups))
        truth[0] = [f"{group} {name}" for group, name in zip(groups, header, strict=True)]
    elif layout == "units":
        units = [f"[{chance.choice(['m', 'kg', 'USD'])}]" for _ in header]
        lines.insert(1, line(units))
        truth[0] = [f"{name} {unit}" for name, unit in zip(header, units, strict=True)]
    elif layout == "ruler":
        lines.insert(1, delimiter.join("-" * max(len(name), 3) for name in header))
    elif layout == "sep line":
        lines.insert(0, f"sep={delimiter}")
    elif layout == "footer":
        lines += ["", chance.choice(["Total", "Source: office", f"{len(rows)} rows", "(c) 2020"])]
    elif layout != "nothing":
        mark = "# " if layout == "comments above" else ""
        notes = [mark + sentence(chance, "").replace('"', "") for _ in range(chance.randint(1, 4))]
        lines = [*notes, *([""] if "blank" in layout else []), *lines]
    line_end = chance.choice(["\n", "\r\n", "\r\n", "\r"])
    text = line_end.join(lines) + chance.choice([line_end, line_end, line_end, ""])
    codec = chance.choice(["utf-8", "utf-8", "utf-8-sig", "utf-16"])
    return ForeignTable(
        text.encode(codec),
        truth,
        (
            f"delimiter {delimiter!r}",
            f"quotes {quotes}",
            layout,
            *(["padding"] if padding else []),
            *(["delimiter at the end"] if ending else []),
            f"line end {line_end!r}",
            codec,
        ),
    )


def _quoted(cell: str, delimiter: str, quotes: str) -> str:
    """A cell as it is written in a style of quoting."""
    mark = "'" if quotes == "single" else '"'
    is_needed = any(part in cell for part in (delimiter, mark, "\n")) or cell != cell.strip()
    is_text = quotes == "text" and not cell.replace(".", "").isdigit()
    if not (is_needed or is_text or quotes == "all"):
        return cell
    inner = cell.replace(mark, f"\\{mark}" if quotes == "backslash" else mark * 2)
    return f"{mark}{inner}{mark}"


def measure(seeds: Sequence[int], system: str) -> dict[str, list[float]]:
    """Trait -> the scores of the files that have it, and those of all under `all`."""
    scores: dict[str, list[float]] = {"all": []}
    with tempfile.TemporaryDirectory() as folder:
        for seed in seeds:
            table = foreign_table(seed)
            path = Path(folder) / f"{seed}.csv"
            path.write_bytes(table.data)
            try:
                rows = SYSTEMS[system](path)
            except ImportError:
                raise
            except Exception:
                rows = None
            value = sum(score(table.truth, rows))
            for trait in ("all", *table.traits):
                scores.setdefault(trait, []).append(value)
    return scores


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the mean score of each system, and of each trait with the first of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1, help="of the first file")
    parser.add_argument("--systems", default="ours,csv,pandas")
    options = parser.parse_args(arguments)
    seeds = range(options.seed, options.seed + options.files)
    for at, system in enumerate(options.systems.split(",")):
        try:
            scores = measure(seeds, system)
        except ImportError as error:
            print(f"{system:<12} not installed ({error.name})")
            continue
        print(f"{system:<12} {_mean(scores['all']):>7.3f}")
        if not at:
            for trait, values in sorted(scores.items(), key=lambda item: _mean(item[1])):
                print(f"    {trait:<28} {_mean(values):>7.3f}  of {len(values)} files")


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


if __name__ == "__main__":
    main()
