"""What files on the bench would do to rows that wait: some wait for nothing but a row that comes
with them, some are replaced by a better version of themselves.
"""

from collections.abc import Iterable, Mapping
from sqlite3 import Connection

from pipeline.declared.sources import SourceContract
from pipeline.quality.what_if import Free
from pipeline.store.sqlite.statements import has_relation, quoted


def fields_asked_for(contracts: Iterable[SourceContract], entity: str) -> set[str]:
    """Fields of a source that rules of its children look up."""
    return {
        rule.arguments["field"]
        for child in contracts
        for rule in child.rules
        if rule.arguments.get("parent") == f"promoted_{entity}"
    }


def replaced(connection: Connection, entity: str) -> set[str]:
    """Ids of waiting rows of a source that the slice on the bench supersedes."""
    if not has_relation(connection, f"row_verdicts_{entity}"):
        return set()
    rows = connection.execute(
        f"select judged._row_id from temp.{quoted(f'int_{entity}_verdicts')} as judged "
        f"inner join main.{quoted(f'row_verdicts_{entity}')} as known on known._row_id = judged._row_id "
        "where judged._load_id not like 'P%' and known._status = 'quarantined' "
        "and judged._status in ('superseded', 'duplicate')"
    )
    return {row_id for (row_id,) in rows}


def arrived(connection: Connection, contracts: Mapping[str, SourceContract], entity: str) -> Free:
    """The keys of a source that would be promoted from the bench and that waiting rows name, as
    rows of one field; no other key leaves the database.
    """
    rows: list[Mapping[str, str]] = []
    for child, contract in contracts.items():
        for rule in contract.rules:
            if rule.parent != entity or not has_relation(connection, f"row_verdicts_{child}"):
                continue
            field = rule.arguments["field"]
            keys = connection.execute(
                f"select value from temp.{quoted(f'new_{entity}_{field}')} where value in ("
                f"select {quoted(rule.arguments['column'])} from main.{quoted(f'row_verdicts_{child}')} "
                "where _status = 'quarantined')"
            )
            rows.extend({field: key} for (key,) in keys)
    return {entity: rows} if rows else {}
