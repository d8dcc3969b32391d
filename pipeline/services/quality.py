"""Every rule with its verdict, what it means and how to mend it; the rows that fail; the trend; the ledger."""

from dataclasses import asdict, dataclass, replace

import pandas as pd

from pipeline.config import Settings
from pipeline.contracts import ENTITIES, Rule, load_contracts, load_delivery_rules
from pipeline.errors import InputRefused
from pipeline.privacy import mask_for_screen
from pipeline.quality.rule_sql import rule_sql
from pipeline.store import result_history, warehouse_state
from pipeline.store.database import open_control, open_warehouse, warehouse_exists

#: Which state wins where several meet: a check that could not run says more than one that failed, and a check on an
#: empty table is not applicable, never green.
STATES = ("error", "not applicable", "failed", "warned", "passed")
#: Actions that hold rows or files back; the other actions keep the row and say so.
HOLDING = ("quarantine", "reject", "block")
FAILING_ROWS_SHOWN = 200


@dataclass(frozen=True)
class RuleCard:
    """One rule and its verdict on the published rows; `measured` and `threshold` are shares or counts of table rules."""

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


def rules_of_run(settings: Settings, run_id: str) -> pd.DataFrame:
    """As `rules`, for what one run found; empty when it published nothing. Rules that were declared later do not apply."""
    with open_control(settings) as control:
        kept = result_history.rule_results(control, run_id)
    if kept.empty:
        return pd.DataFrame(columns=list(RuleCard.__dataclass_fields__))
    failing = kept.groupby("rule_name")["failing_rows"].sum().fillna(0).astype(int).to_dict()
    states = kept.groupby("rule_name")["status"].agg(lambda found: min(found, key=STATES.index)).to_dict()
    judged = kept[kept["entity"].isin(ENTITIES)].groupby("entity")["rows_checked"].max().fillna(0).astype(int).to_dict()
    return _sorted([replace(_card(rule, failing, judged, {}), failing_rows=failing[rule.name], status=states[rule.name])
                    for rule in declared_rules() if rule.name in failing])


def rules(settings: Settings) -> pd.DataFrame:
    """One row a declared rule, those that ask for work first (errors, failing rows), then by STATES; columns as in RuleCard."""
    failures, checked, tables = {}, {}, {}
    if warehouse_exists(settings):
        with open_warehouse(settings) as connection, open_control(settings) as control:
            failures, checked = _counts(connection, control)
            measured = warehouse_state.table_checks(connection)
            tables = {(row.rule_id, row.entity): row for row in measured.itertuples()}
    return _sorted([_card(rule, failures, checked, tables) for rule in declared_rules()])


def _sorted(cards: list[RuleCard]) -> pd.DataFrame:
    cards.sort(key=lambda card: (card.status in ("not applicable", "passed"), STATES.index(card.status), -card.failing_rows,
                                 card.rule_id, card.entity))
    return pd.DataFrame([asdict(card) for card in cards], columns=list(RuleCard.__dataclass_fields__))


def _counts(connection, control) -> tuple[dict[str, int], dict[str, int]]:
    """Failing rows by rule and judged rows by source: as the run that published them measured, else counted now."""
    run_id = warehouse_state.published_run(connection)
    kept = result_history.rule_counts(control, run_id) if run_id else None
    if kept is not None and len(kept):
        failing = dict(zip(kept["rule_name"], kept["failing_rows"].fillna(0).astype(int), strict=True))
        judged = kept[kept["entity"].isin(ENTITIES)].groupby("entity")["rows_checked"].max().fillna(0).astype(int).to_dict()
        return failing, judged
    found = warehouse_state.rule_failures(connection, ENTITIES)
    failing = dict(zip(found["rule_name"], found["failing_rows"].astype(int), strict=True))
    return failing, warehouse_state.rows_checked(connection, ENTITIES)


def declared_rules() -> tuple[Rule, ...]:
    """Every rule that some YAML declares, sources before files and tables."""
    by_source = [rule for contract in load_contracts().values() for rule in contract.rules]
    return (*by_source, *load_delivery_rules())


def failing_rows(settings: Settings, rule_name: str, limit: int = FAILING_ROWS_SHOWN) -> pd.DataFrame:
    """At most `limit` rows that fail a rule, masked, with file and line; empty for a rule that judges no rows.

    Raises InputRefused when no rule has that name.
    """
    rule = _declared(rule_name)
    if rule.entity not in ENTITIES or not warehouse_exists(settings):
        return pd.DataFrame()
    with open_warehouse(settings) as connection:
        found = warehouse_state.failing_rows(connection, rule.entity, rule_name, limit)
        stamp = warehouse_state.build_stamp(connection)
    masked = mask_for_screen(found, f"checked_{rule.entity}", stamp["as_of"] if stamp else None)
    shown = [*load_contracts()[rule.entity].mapped, "_status", "_source_file", "_source_row_number", "_load_id", "_row_id"]
    return masked[[column for column in shown if column in masked.columns]]


def sql(settings: Settings, rule_name: str) -> str | None:
    """The statement that finds the rows failing a rule, as the last build ran it; None for a rule of the loader.

    Raises InputRefused when no rule has that name.
    """
    return rule_sql(settings.dbt_dir / "target" / "compiled" / "icon_dbt" / "models" / "landing_zone", _declared(rule_name))


def trend(settings: Settings, rule_name: str | None = None) -> pd.DataFrame:
    """Failing rows by rule over the last runs: run_id, finished_at, rule_id, rule_name, entity, failing_rows, rows_checked."""
    with open_control(settings) as connection:
        return result_history.rule_trend(connection, rule_name)


def ledger(settings: Settings) -> pd.DataFrame:
    """One row a load and entity; received = promoted + quarantined + superseded + duplicates + rejected."""
    if not warehouse_exists(settings):
        return pd.DataFrame()
    with open_warehouse(settings) as connection:
        return warehouse_state.ledger(connection)


def _declared(rule_name: str) -> Rule:
    rule = next((each for each in declared_rules() if each.name == rule_name), None)
    if rule is None:
        raise InputRefused("there is no such rule", rule_name, "choose one of the list")
    return rule


def _card(rule: Rule, failures: dict[str, int], checked: dict[str, int], tables: dict) -> RuleCard:
    verdict = tables.get((rule.rule_id, rule.entity))
    rows = checked.get(rule.entity, 0)
    failing = 0 if rule.stage in ("file", "table") else int(failures.get(rule.name, 0))
    common = dict(rule_id=rule.rule_id, rule_name=rule.name, entity=rule.entity, column=rule.column or "", action=rule.action,
                  kahn=rule.kahn, stage=rule.stage, threshold=rule.threshold, promotable=rule.promotable, why=rule.why,
                  remedy=rule.remedy, rows_checked=rows, failing_rows=failing)
    if verdict is not None:
        measured = None if verdict.measured is None or verdict.measured != verdict.measured else float(verdict.measured)
        return RuleCard(status=_table_status(str(verdict.status)), measured=measured, detail=str(verdict.detail or ""), **common)
    return RuleCard(status=_row_status(rule, failing, rows), measured=None, **common)


def _row_status(rule: Rule, failing: int, rows: int) -> str:
    if rows == 0 or rule.stage in ("file", "table"):
        return "not applicable"
    if failing == 0:
        return "passed"
    return "failed" if rule.action in HOLDING else "warned"


def _table_status(status: str) -> str:
    words = {"pass": "passed", "fail": "failed", "warn": "warned", "skip": "not applicable", "n/a": "not applicable",
             "not_applicable": "not applicable", "ok": "passed"}
    found = words.get(status, status)
    return found if found in STATES else "error"
