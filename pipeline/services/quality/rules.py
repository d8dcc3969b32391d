"""Every rule with its verdict, what it means and how to mend it; the rows that fail; the trend; the
ledger.
"""

from dataclasses import asdict, dataclass

import pandas as pd

from pipeline.config import Settings
from pipeline.declared.sources import Rule, load_contracts, load_delivery_rules, source_names
from pipeline.errors import InputRefused
from pipeline.quality import rule_results
from pipeline.quality.rule_sql import rule_sql
from pipeline.services.tables.bookkeeping import open_bookkeeping
from pipeline.services.tables.visible import open_visible
from pipeline.store.control import result_history
from pipeline.store.control.control_file import open_control
from pipeline.store.sqlite.database import open_warehouse, warehouse_exists
from pipeline.store.warehouse import state

#: Which state wins where several meet: a check that could not run says more than one that failed,
#: and a check on an
#: empty table is not applicable, never green.
STATES = ("error", "not applicable", "failed", "warned", "passed")
FAILING_ROWS_SHOWN = 200
NOT_APPLICABLE = "not applicable"
TOTAL = "all"


@dataclass(frozen=True)
class RuleCard:
    """One rule and its verdict on the published rows; `measured` and `threshold` are shares or
    counts of table rules.
    """

    rule_id: str
    rule_name: str
    entity: str
    column: str
    action: str
    kahn: str
    stage: str
    failing_rows: int
    rows_checked: int
    status: str
    threshold: float | None
    measured: float | None
    promotable: bool
    why: str
    remedy: str
    detail: str = ""


def rules(settings: Settings, run_id: str | None = None) -> pd.DataFrame:
    """One row a declared rule and source that it judged, those that ask for work first, then by
    STATES; columns as in RuleCard.

    Of what is published, or as the run `run_id` left it.
    """
    results: dict[str, list[tuple[str, int, int, str]]] = {}
    tables = {}
    if warehouse_exists(settings):
        with open_warehouse(settings) as connection, open_control(settings) as control:
            for name, entity, failing, checked, status in _results(connection, control, run_id):
                results.setdefault(name, []).append((entity, failing, checked, status))
            measured = state.table_checks(connection)
            tables = (
                {} if run_id else {(row.rule_id, row.entity): row for row in measured.itertuples()}
            )
    cards = [
        _card(rule, result, tables)
        for rule in declared_rules()
        for result in results.get(rule.name) or [(rule.entity, 0, 0, NOT_APPLICABLE)]
    ]
    cards.sort(
        key=lambda card: (
            card.status in (NOT_APPLICABLE, "passed"),
            STATES.index(card.status),
            -card.failing_rows,
            card.rule_id,
            card.entity,
        )
    )
    return pd.DataFrame(
        [asdict(card) for card in cards], columns=list(RuleCard.__dataclass_fields__)
    )


def _results(connection, control, run_id: str | None) -> list[tuple[str, str, int, int, str]]:
    """What a run measured; of the published tables without one: as their run measured them, else
    measured now.
    """
    results_run = run_id or state.published_run(connection)
    kept_results = (
        result_history.rule_results(control, results_run) if results_run else pd.DataFrame()
    )
    if len(kept_results) or run_id:
        columns = ["rule_name", "entity", "failing_rows", "rows_checked", "status"]
        return (
            list(kept_results[columns].itertuples(index=False, name=None))
            if len(kept_results)
            else []
        )
    results = rule_results.collect(connection, load_contracts().values(), load_delivery_rules())
    return [
        (result.rule_name, result.entity, result.failing_rows, result.rows_checked, result.status)
        for result in results
    ]


def measured_runs(settings: Settings) -> list[str]:
    """Runs whose results are kept, newest first."""
    with open_control(settings) as connection:
        return result_history.measured_runs(connection)


def states_by_run(settings: Settings) -> pd.DataFrame:
    """Columns run_id, status, rules: how many checks ended in which state, run by run."""
    with open_control(settings) as connection:
        return result_history.states_by_run(connection)


def matrix(rules: pd.DataFrame) -> pd.DataFrame:
    """Columns source, category, passed, judged and rules, with totals called TOTAL: of the checks
    that were applicable, how many passed.

    A check that is not applicable counts in `rules` and in no share.
    """
    cells = rules.assign(
        source=rules["entity"],
        category=rules["kahn"].str.partition("-")[0],
        judged=rules["status"] != NOT_APPLICABLE,
        passed=rules["status"] == "passed",
    )
    whole = pd.concat(
        [
            cells,
            cells.assign(source=TOTAL),
            cells.assign(category=TOTAL),
            cells.assign(source=TOTAL, category=TOTAL),
        ]
    )
    return whole.groupby(["source", "category"], as_index=False).agg(
        passed=("passed", "sum"), judged=("judged", "sum"), rules=("judged", "size")
    )


def declared_rules() -> tuple[Rule, ...]:
    """Every rule that some YAML declares, sources before files and tables."""
    by_source = [rule for contract in load_contracts().values() for rule in contract.rules]
    return (*by_source, *load_delivery_rules())


def failing_rows(
    settings: Settings, rule_name: str, limit: int = FAILING_ROWS_SHOWN
) -> pd.DataFrame:
    """At most `limit` rows that fail a rule, masked, with file and line; empty for a rule that
    judges no rows.

    Raises InputRefused when no rule has that name.
    """
    rule = _declared(rule_name)
    if rule.entity not in source_names() or not warehouse_exists(settings):
        return pd.DataFrame()
    with open_visible(settings, f"row_verdicts_{rule.entity}", f"dq_{rule.entity}") as connection:
        rows = state.failing_rows(connection, rule.entity, rule_name, limit)
    columns = [
        *load_contracts()[rule.entity].mapped,
        "_status",
        "_source_file",
        "_source_row_number",
        "_load_id",
        "_row_id",
    ]
    return rows[[column for column in columns if column in rows.columns]]


def sql(settings: Settings, rule_name: str) -> str | None:
    """The statement that finds the rows failing a rule, as the last build ran it; None for a rule
    of the loader.

    Raises InputRefused when no rule has that name.
    """
    return rule_sql(
        settings.dbt_dir / "target" / "compiled" / "icon_dbt" / "models" / "landing_zone",
        _declared(rule_name),
    )


def trend(settings: Settings, rule_name: str | None = None) -> pd.DataFrame:
    """Failing rows by rule over the last runs: run_id, finished_at, rule_id, rule_name, entity,
    failing_rows, rows_checked.
    """
    with open_control(settings) as connection:
        return result_history.rule_trend(connection, rule_name)


def ledger(settings: Settings) -> pd.DataFrame:
    """One row a load and entity; received = promoted + quarantined + superseded + duplicates +
    rejected.
    """
    if not warehouse_exists(settings):
        return pd.DataFrame()
    with open_bookkeeping(settings) as connection:
        return state.ledger(connection)


def _declared(rule_name: str) -> Rule:
    rule = next((rule for rule in declared_rules() if rule.name == rule_name), None)
    if rule is None:
        raise InputRefused("there is no such rule", rule_name, "choose one of the list")
    return rule


def _card(rule: Rule, result: tuple[str, int, int, str], tables: dict) -> RuleCard:
    entity, failing, rows, status = result
    verdict = tables.get((rule.rule_id, entity)) if rule.stage == "table" else None
    measured = None if verdict is None or pd.isna(verdict.measured) else float(verdict.measured)
    return RuleCard(
        rule_id=rule.rule_id,
        rule_name=rule.name,
        entity=entity,
        column=rule.column or "",
        action=rule.action,
        kahn=rule.kahn,
        stage=rule.stage,
        threshold=rule.threshold,
        promotable=rule.promotable,
        why=rule.why,
        remedy=rule.remedy,
        rows_checked=int(rows),
        failing_rows=int(failing),
        status=status if status in STATES else "error",
        measured=measured,
        detail="" if verdict is None else str(verdict.detail or ""),
    )
