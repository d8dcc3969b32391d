"""Attacks on files that pages hand out: counts of one to ten people, numbers of referrals that
their sums give back, and what changes of a network tell by their difference.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.optimize import linprog

from benchmarks.disclosure.published import EXPORT, Published, Result
from pipeline.config import Settings
from pipeline.declared.classes import load_classes
from pipeline.errors import InputRefused
from pipeline.services.networks import adequacy, explain_what_if, what_if
from pipeline.services.networks.what_if import Change
from pipeline.services.tables import browse, screen_downloads
from pipeline.store.browse.tables import MAX_PAGE_ROWS
from pipeline.store.sqlite.database import open_warehouse

DOWNLOAD = "download"
FEW = range(1, 11)
#: Employers, and changes of the network of each, that are tried.
EMPLOYERS, CHANGES = 4, 6
PAIR = ["employer_id", "cpt"]
#: The smallest and the largest number of a group.
ENDS = ("_from", "_to")
#: Files of what pages show -> columns of theirs that count people.
OF_PEOPLE = {
    "network_adequacy": ["referrals"],
    "network_what_if": ["referrals", *explain_what_if.NEAR],
    "employer_network_coverage": ["referrals", "referrals_without_option"],
    "provider_scorecard": ["encounter_count", "mature_encounter_count", "patients"],
}


def handed_out(settings: Settings, tables: Sequence[str]) -> list[Published]:
    """The first page of tables as its download, and what pages make of several tables."""
    return [*_pages(settings, tables), *_of_several(settings)]


def small_counts(published: Iterable[Published]) -> Result:
    """Numbers of one to ten people in files, exports among them: in a cell, or worked out from the
    other cells of its row.
    """
    seen = tried = 0
    where = ""
    for one in published:
        told = load_classes().get(one.table, {})
        counts = [name for name, kind in told.items() if kind == "count"]
        names = dict.fromkeys([*counts, *OF_PEOPLE.get(one.table, ())])
        known = {
            name: pd.to_numeric(one.rows[name], errors="coerce")
            for name in names
            if name in one.rows
        }
        shares = [name for name, kind in told.items() if kind == "share" and name in one.rows]
        of_row = {name: known[name] for name in _parts(counts) if name in known}
        for name, numbers in [*known.items(), *_in_rows(one.rows, of_row, shares)]:
            tried += int(numbers.notna().sum())
            few = int(numbers.isin(FEW).sum())
            seen, where = seen + few, where or (f"{one.name}.{name}" if few else "")
    return Result("counts of one to ten people in files", seen, tried, where)


def _parts(counts: Iterable[str]) -> list[str]:
    """Columns that count people of one row. Those that say from where to where its group goes come
    last: what is between two of them is between two providers, and nobody.
    """
    of_row = [name for name in counts if not name.endswith(ENDS)]
    ends = [name for name in counts if name.endswith(ENDS)]
    return [*of_row, *ends] if of_row else ends[:1]


def _in_rows(
    rows: pd.DataFrame, known: Mapping[str, pd.Series], shares: Iterable[str]
) -> Iterator[tuple[str, pd.Series]]:
    """What counts leave of the first of them, alone and all together where one is missing, and what
    shares (of one, or in percent) make of each.
    """
    first, *others = known or ("",)
    for name in others:
        yield f"{first} - {name}", (known[first] - known[name]).abs()
    if others:
        parts = pd.DataFrame({name: known[name] for name in others})
        rest = known[first] - parts.sum(axis=1)
        yield f"rest of {first}", rest.where(parts.isna().sum(axis=1) == 1)
    for share in shares:
        part = pd.to_numeric(rows[share], errors="coerce")
        for name, numbers in known.items():
            yield f"{share} of {name}", (part * numbers).round(6)
            yield f"{share} % of {name}", (part * numbers / 100).round(1)


def referrals(settings: Settings, published: Iterable[Published]) -> Result:
    """Small numbers of referrals that a file leaves out, by the sums of employers and of
    procedures.
    """
    with open_warehouse(settings) as connection:
        truth = pd.read_sql_query(
            "select employer_id, cpt, referrals from employer_network_coverage", connection
        ).set_index(PAIR)["referrals"]
    few = truth[truth.isin(FEW)]
    found: set[tuple] = set()
    for one in published:
        if one.table != "employer_network_coverage" or one.reader != DOWNLOAD:
            continue
        told = pd.to_numeric(one.rows.set_index(PAIR)["referrals"], errors="coerce")
        hidden = [pair for pair in truth.index if pd.isna(told.get(pair, np.nan))]
        found |= {pair for pair in fixed(hidden, truth.to_dict()) if pair in few.index}
    return Result("referrals that a file leaves out", len(found), len(few), str([*found][:1] or ""))


def fixed(hidden: Sequence[tuple], truth: dict[tuple, int]) -> list[tuple]:
    """Pairs whose number can be one alone by the sums of their rows and columns."""
    lines = [[place for place, pair in enumerate(hidden) if pair[side] == value]
             for side in (0, 1) for value in sorted({pair[side] for pair in hidden})]  # fmt: skip
    matrix = np.zeros((len(lines), len(hidden)))
    for number, places in enumerate(lines):
        matrix[number, places] = 1
    values = matrix @ np.array([truth[pair] for pair in hidden], dtype=float)
    found = []
    for place, pair in enumerate(hidden):
        aim = np.zeros(len(hidden))
        aim[place] = 1
        ends = [
            sign * linprog(sign * aim, A_eq=matrix, b_eq=values, bounds=(0, None)).fun
            for sign in (1, -1)
        ]
        if np.floor(ends[1] + 1e-6) - np.ceil(ends[0] - 1e-6) < 1:
            found.append(pair)
    return found


def differences(published: Iterable[Published]) -> Result:
    """Pairs of changes of one network whose files differ by one to ten referrals, and shares of a
    file that are those of one to ten.
    """
    tried = found = 0
    where = ""
    of_employer: dict[str, list[pd.DataFrame]] = {}
    for one in published:
        if one.table == "network_what_if":
            of_employer.setdefault(one.reader, []).append(one.rows.set_index("cpt"))
    for reader, tables in of_employer.items():
        numbers = [_near(rows) for rows in tables]
        for first, second in (*combinations(numbers, 2), *((each, each[::-1]) for each in numbers)):
            for one, other in zip(first, second, strict=True):
                steps = (one - other).abs().dropna()
                tried += len(steps)
                found += int(steps.isin(FEW).sum())
                where = where or (reader if steps.isin(FEW).any() else "")
    return Result("differences of changes of a network", found, tried, where)


def _near(rows: pd.DataFrame) -> tuple[pd.Series, ...]:
    return tuple(pd.to_numeric(rows[name], errors="coerce") for name in explain_what_if.NEAR)


def _pages(settings: Settings, tables: Sequence[str]) -> Iterator[Published]:
    for table in tables:
        page = browse.page(settings, table, limit=MAX_PAGE_ROWS, counts=False).rows
        if screen_downloads.page_refusal(table, page):
            continue
        try:
            content = screen_downloads.page_bytes(settings, table, page, "attacker")
        except InputRefused:
            continue
        yield Published(DOWNLOAD, table, _read(content))


def _of_several(settings: Settings) -> Iterator[Published]:
    for table in ("employer_network_coverage", "provider_scorecard"):
        page = browse.page(settings, table, limit=MAX_PAGE_ROWS, counts=False).rows
        yield _shown(settings, table, page)
    judged = adequacy.adequacy(settings)
    yield _shown(settings, "network_adequacy", judged, ("miles", "asked_share"))
    for employer in sorted(set(judged["employer_id"]))[:EMPLOYERS]:
        listed = what_if.choices(settings, employer).listed
        for npi in sorted(listed)[:CHANGES]:
            table = what_if.what_if(settings, Change(employer, removed=npi))
            released = explain_what_if.for_file(table)
            one = _shown(settings, "network_what_if", released, explain_what_if.OF_PROVIDERS)
            yield Published(f"{DOWNLOAD} {employer}", one.table, one.rows)
            page = explain_what_if.report(settings, Change(employer, removed=npi), "attacker")
            yield Published(f"printed {employer}", one.table, _printed(page.decode()))


def _shown(
    settings: Settings, name: str, frame: pd.DataFrame, of_nobody: Sequence[str] = ()
) -> Published:
    content = screen_downloads.shown(settings, frame, name, "attacker", of_nobody)
    return Published(DOWNLOAD, name, _read(content))


def _printed(page: str) -> pd.DataFrame:
    """The table of a printed page, a column a heading."""
    rows = [
        re.findall(r"<td[^>]*>(.*?)</td>", row) for row in re.findall(r"<tr>(.*?)</tr>", page, re.S)
    ]
    return pd.DataFrame([row for row in rows if row], columns=list(explain_what_if.HEADINGS))


def _read(content: bytes) -> pd.DataFrame:
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    return pd.DataFrame(rows[1:], columns=rows[0])


def exported(published: Iterable[Published]) -> list[Published]:
    """Those that leave as exports."""
    return [one for one in published if one.reader == EXPORT]
