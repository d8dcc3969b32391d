"""The expected answer of a series of deliveries, worked out apart from the pipeline: no SQL, no
dbt.

Every step judges all rows delivered so far again, parents before children. Within a file an exact
repeat is a duplicate and two contents of one key hold each other back; across deliveries the same
content as the newest version is a duplicate, and a newer version supersedes the older ones (a newer
version that is held back supersedes only older ones that were held back too). A row without key is
superseded when a promoted row agrees with it on every column that it has. The newest list of an
employer replaces the older list. A file with the same bytes as an earlier one is no delivery.
Extract dates are unknown, so the last delivered wins.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from pipeline.synthetic.delivered import DeliveredRow, read_delivery
from pipeline.synthetic.rulebook import paid_outliers, quarantine_rules
from pipeline.synthetic.tables import TABLES

_CONFLICT = {"providers": "PRV-04", "patients": "PAT-03", "referrals": "REF-07"}
DELIVERED_ON = date(2026, 1, 1)


@dataclass(frozen=True)
class Correction:
    """A steward's correction: in `entity`, `column` changes from `old` to `new` wherever `where`
    agrees.
    """

    entity: str
    column: str
    old: str
    new: str
    where: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class LedgerLine:
    """received = promoted + quarantined + superseded + duplicates + rejected, for one file of one
    delivery.
    """

    delivery: int
    entity: str
    received: int
    promoted: int
    quarantined: int
    superseded: int
    duplicates: int
    rejected: int


@dataclass(frozen=True)
class OracleResult:
    """The state after the last delivery given; `quarantined_keys` counts distinct keys, rows
    without key apart.
    """

    silver: dict[str, int]
    quarantine: dict[str, int]
    quarantined_keys: dict[str, int]
    rules: dict[str, int]
    warnings: dict[str, int]
    ledger: tuple[LedgerLine, ...]

    def as_dict(self) -> dict:
        """For the manifest."""
        return asdict(self)


def judge(
    folders: Sequence[Path], corrections: Sequence[Correction] = (), on: date = DELIVERED_ON
) -> OracleResult:
    """Judges the deliveries in the order given; rows born after `on` are in the future."""
    rows: dict[str, list[DeliveredRow]] = {table.entity: [] for table in TABLES}
    rejected: Counter[tuple[int, str]] = Counter()
    digests: set[str] = set()
    for number, folder in enumerate(folders, 1):
        delivered_rows, refused = read_delivery(Path(folder), number, digests)
        for row in delivered_rows:
            _correct(row, corrections)
            rows[row.entity].append(row)
        rejected.update({(number, entity): count for entity, count in refused.items()})
    parents: dict[str, set[str]] = {}
    for entity, members in rows.items():
        _settle(entity, members, parents, on)
        parents[entity] = {row.key[0] for row in members if row.key and row.status == "promoted"}
    return _result(rows, rejected)


def _correct(row: DeliveredRow, corrections: Sequence[Correction]) -> None:
    for fix in corrections:
        agrees = all(row.values.get(column) == text for column, text in fix.where)
        if fix.entity == row.entity and agrees and row.values[fix.column] == fix.old:
            row.values[fix.column] = fix.new
            columns = {"employer_networks": ("employer_id", "npi"), "providers": ("npi",)}.get(
                row.entity
            )
            row.key = tuple(row.values[column] for column in columns) if columns else row.key


def _settle(entity: str, rows: list[DeliveredRow], parents: dict[str, set[str]], on: date) -> None:
    versions: dict[tuple[str, ...], list[DeliveredRow]] = defaultdict(list)
    for row in rows:
        versions[row.key or ("", *row.values.values())].append(row)
    for history in versions.values():
        _settle_key(entity, history, parents, on)
    _supersede_keyless(rows)
    if entity == "employer_networks":
        newest = {row.values["employer_id"]: row.delivery for row in rows}
        listed = {row.key for row in rows if row.delivery == newest[row.values["employer_id"]]}
        for row in rows:
            stale = row.delivery < newest[row.values["employer_id"]] and row.key not in listed
            row.status = "superseded" if stale and row.status != "duplicate" else row.status


def _settle_key(
    entity: str, history: list[DeliveredRow], parents: dict[str, set[str]], on: date
) -> None:
    """Walks the versions of one key in order; `live` are those neither superseded nor
    duplicates.
    """
    live: list[DeliveredRow] = []
    for delivery in sorted({row.delivery for row in history}):
        fresh: list[DeliveredRow] = []
        for row in (row for row in history if row.delivery == delivery):
            repeated = any(row.values == other.values for other in fresh)
            unchanged = (
                bool(live) and row.values == live[-1].values and "conflict" not in live[-1].rules
            )
            row.status = "duplicate" if repeated or unchanged else ""
            if not row.status:
                fresh.append(row)
        rival = len(fresh) > 1 and fresh[0].key is not None
        for row in fresh:
            row.rules = quarantine_rules(entity, row.values, parents, on) + ["conflict"] * rival
            row.status = "quarantined" if row.rules else "promoted"
        for older in live if fresh else ():
            if fresh[-1].status == "promoted" or older.status == "quarantined":
                older.status = "superseded"
        live = [row for row in live if row.status != "superseded"] + fresh
    for row in history:
        row.rules = [
            _CONFLICT.get(entity, "ROW-03") if rule == "conflict" else rule for rule in row.rules
        ]


def _supersede_keyless(rows: list[DeliveredRow]) -> None:
    promoted = [row for row in rows if row.status == "promoted"]
    for row in rows:
        filled = {column: text for column, text in row.values.items() if text}
        if row.key is None and row.status == "quarantined" and filled:
            newer = (other for other in promoted if other.delivery > row.delivery)
            if any(filled.items() <= other.values.items() for other in newer):
                row.status = "superseded"


def _result(
    rows: dict[str, list[DeliveredRow]], rejected: Counter[tuple[int, str]]
) -> OracleResult:
    held = {
        entity: [r for r in members if r.status == "quarantined"]
        for entity, members in rows.items()
    }
    ledger = []
    for number, entity in sorted(
        {(r.delivery, r.entity) for members in rows.values() for r in members}
    ):
        states = Counter(r.status for r in rows[entity] if r.delivery == number)
        refused = rejected[number, entity]
        ledger.append(
            LedgerLine(
                number,
                entity,
                states.total() + refused,
                states["promoted"],
                states["quarantined"],
                states["superseded"],
                states["duplicate"],
                refused,
            )
        )
    return OracleResult(
        silver={
            entity: sum(r.status == "promoted" for r in members) for entity, members in rows.items()
        },
        quarantine={entity: len(members) for entity, members in held.items()},
        quarantined_keys={
            entity: len({r.key or (r.delivery, r.line) for r in m}) for entity, m in held.items()
        },
        rules=dict(
            sorted(Counter(rule for m in held.values() for r in m for rule in set(r.rules)).items())
        ),
        warnings=_warnings(rows),
        ledger=tuple(ledger),
    )


def _warnings(rows: dict[str, list[DeliveredRow]]) -> dict[str, int]:
    """Outliers are judged among all current encounters, held back or not; the rest among promoted
    rows.
    """
    silver = {
        entity: [r for r in members if r.status == "promoted"] for entity, members in rows.items()
    }
    npis = {r.values["npi"] for r in silver["providers"]}
    listed = [r.values["npi"] for r in silver["employer_networks"]]
    busy = {r.values["npi"] for r in silver["encounters"]}
    paid: dict[str, list[float]] = defaultdict(list)
    for row in rows["encounters"]:
        if row.status in ("promoted", "quarantined") and not {"ENC-11", "ENC-12"} & set(row.rules):
            paid[row.values["cpt"]].append(float(row.values["paid_amount"]))
    counts = {
        "PRV-05": sum(not r.values["zip"] for r in silver["providers"]),
        "PRV-09": len(npis - set(listed)) if listed else 0,
        "PRV-10": len(npis - busy),
        "NET-05": sum(npi not in npis for npi in listed),
        "ENC-13": paid_outliers(paid),
    }
    return {rule_id: count for rule_id, count in counts.items() if count}
