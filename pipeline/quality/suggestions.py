"""Repairs that the data itself suggests, each with its evidence in words. Nothing here applies one.

Three kinds: the tenth digit of an NPI that lost it, the one NPI that everybody uses and nobody
describes for the one provider without an NPI, and the leading zeros of a ZIP that a spreadsheet
took for a number.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from sqlite3 import Connection
from typing import Any

from pipeline.declared.sources import Rule, SourceContract, load_contracts
from pipeline.quality.npi import completed, is_valid
from pipeline.quality.zips import is_issued, with_zeros, zeros_lost
from pipeline.store.sqlite.statements import has_relation, records

#: The source that describes NPIs; the others use them.
DIRECTORY = "providers"
#: NPIs of a table that no provider row describes, with their rows in force; steps from NPI to NPI
#: through an index, for
#: a table has a million rows but few NPIs.
UNDESCRIBED = """
with recursive used(npi) as (
    select min({column}) from {table}
    union all
    select (select min({column}) from {table} where {column} > used.npi) from used where used.npi is not null
)
select npi, (select count(*) from {table} as rows where rows.{column} = used.npi and _status in ('promoted', 'quarantined')) from used
where npi is not null and npi not in (select npi from row_verdicts_providers where npi is not null and _status <> 'rejected')"""


@dataclass(frozen=True)
class Suggestion:
    """One repair of one cell; `confidence` is a share (0 to 1), `evidence` says why, without a
    patient's value.
    """

    entity: str
    row_id: str
    column: str
    old: str | None
    new: str
    evidence: tuple[str, ...]
    confidence: float


def suggestions(connection: Connection) -> list[Suggestion]:
    """All repairs for the rows that wait or are flagged now; empty before the first build."""
    needed = [f"row_verdicts_{contract.entity}" for contract, _, _ in _of_shape("npi")]
    needed += [f"dq_{contract.entity}" for contract, _, _ in _of_shape("zip")]
    if not all(has_relation(connection, name) for name in needed):
        return []
    return [*_undescribed_npi(connection), *_lost_digits(connection), *_lost_zeros(connection)]


def different(connection: Connection) -> int:
    """How many different repairs are suggested: the same value for the same cell of many rows
    counts once.
    """
    return len(
        {
            (suggestion.entity, suggestion.column, suggestion.old, suggestion.new)
            for suggestion in suggestions(connection)
        }
    )


def _of_shape(shape: str) -> list[tuple[SourceContract, Rule, str]]:
    """The sources with a rule that a column has this shape, each with that rule and column."""
    return [
        (contract, rule, rule.column)
        for contract in load_contracts().values()
        for rule in contract.rules
        if rule.kind == "matches" and rule.column and rule.arguments["shape"] == shape
    ]


def _npi_users() -> list[tuple[SourceContract, Rule, str]]:
    """The sources that use an NPI without describing it, with the rule on its shape."""
    return [use for use in _of_shape("npi") if use[0].entity != DIRECTORY]


def _providers(connection: Connection) -> dict[str, dict[str, Any]]:
    return {
        row["npi"]: row
        for row in records(
            connection,
            "select npi, provider_name, _load_id, _source_row_number from row_verdicts_providers "
            "where _status = 'promoted' and npi is not null",
        )
    }


def _undescribed_npi(connection: Connection) -> Iterator[Suggestion]:
    """The NPI that is used but described nowhere, for the one provider row without an NPI; only
    when both are single.
    """
    blank = records(
        connection,
        "select _row_id, provider_name from row_verdicts_providers "
        "where _status = 'quarantined' and (npi is null or npi = '')",
    )
    if len(blank) != 1:
        return
    used: dict[str, dict[SourceContract, int]] = {}
    for contract, _, column in _npi_users():
        statement = UNDESCRIBED.format(table=f"row_verdicts_{contract.entity}", column=column)
        for npi, count in connection.execute(statement):
            if count and is_valid(npi):
                used.setdefault(npi, {})[contract] = count
    if len(used) != 1:
        return
    ((npi, counts),) = used.items()
    users = " and ".join(contract.counted(count) for contract, count in counts.items())
    yield Suggestion(
        "providers",
        blank[0]["_row_id"],
        "npi",
        None,
        npi,
        (
            f"{users} use {npi}, which no provider row describes",
            "no other NPI is used without being described",
            f"the row of {blank[0]['provider_name'] or 'this provider'} is the only one without an NPI",
            f"{npi} passes the NPI check digit",
        ),
        0.95 if any(contract.entity == "encounters" for contract in counts) else 0.8,
    )


def _lost_digits(connection: Connection) -> Iterator[Suggestion]:
    """A nine-digit NPI of which the check digit makes the NPI of a known provider."""
    providers = _providers(connection)
    for contract, _, column in _npi_users():
        rows = records(
            connection,
            f"select _row_id, {column} as npi, count(*) over (partition by {column}) as uses from row_verdicts_{contract.entity} "
            f"where _status = 'quarantined' and length({column}) = 9 and {column} not glob '*[^0-9]*' order by _row_id",
        )
        for row in rows:
            npi = completed(row["npi"])
            if npi not in providers:
                continue
            provider = providers[npi]
            yield Suggestion(
                contract.entity,
                row["_row_id"],
                column,
                row["npi"],
                npi,
                (
                    f"{row['npi']} has nine digits; the NPI check digit makes the tenth a {npi[-1]}",
                    f"{npi} is the NPI of {provider['provider_name'] or 'a known provider'} "
                    f"({provider['_load_id']}, line {provider['_source_row_number']})",
                    f"the same nine digits stand in {contract.counted(row['uses'])}",
                ),
                0.98,
            )


def _lost_zeros(connection: Connection) -> Iterator[Suggestion]:
    """A ZIP that is a known shape with one or two zeros in front; without them it fails the rule on
    its shape.
    """
    for contract, rule, column in _of_shape("zip"):
        entity, digits = contract.entity, f"replace({column}, '-', '')"
        rows = records(
            connection,
            f"select _row_id, {column} as zip from row_verdicts_{entity} where _status in ('promoted', 'quarantined') "
            f"and _row_id in (select _row_id from dq_{entity} where rule_name = ?) "
            f"and length({digits}) in (3, 4, 7, 8) and {digits} not glob '*[^0-9]*' order by _row_id",
            (rule.name,),
        )
        for row in rows:
            restored, lost = with_zeros(row["zip"]), zeros_lost(row["zip"])
            if restored is None:
                continue
            length = len(row["zip"].replace("-", ""))
            zeros = "zero" if lost == 1 else "two zeros"
            area = f"the area {restored[:3]}"
            yield Suggestion(
                entity,
                row["_row_id"],
                column,
                row["zip"],
                restored,
                (
                    f"the ZIP has {length} digits; five or nine are needed",
                    f"a spreadsheet that reads a ZIP as a number drops its leading {zeros}",
                    f"with the {zeros} it lies in {area}"
                    if is_issued(restored)
                    else f"with the {zeros} it lies in {area}, where no ZIP is issued: ask the sender",
                ),
                (0.85 if lost == 1 else 0.8) if is_issued(restored) else 0.5,
            )
