"""What a screen shows comes from a masked connection: who reads the published tables without masks
is listed here with the reason, and nobody else does.
"""

import ast
from pathlib import Path

import pytest

from pipeline.config.project import PROJECT_DIR

SERVICES = PROJECT_DIR / "pipeline" / "services"
#: What opens the published warehouse without masks.
RAW = ("open_warehouse", "open_scratch", "open_snapshot", "open_file")
#: Where masks are made.
MASKS = {
    "tables/visible.py::open_visible": "makes the masked connection",
    "tables/visible.py::open_for_questions": "makes the connection of questions in SQL",
    "tables/visible.py::_superseded": "tells which versions are old; returns yes or no a row",
    "tables/visible.py::_hidden": "finds out which cells are to be hidden",
    "tables/bookkeeping.py::open_bookkeeping": "makes the connection that reads bookkeeping alone",
}
STEWARD = "a steward sees the cells that are to be repaired"
KEY = "finds rows by a key in clear; what leaves is masked by for_screen or treated by outgoing"
LOADS = "names, hashes and states of files, which the page of loads shows"
WRITES = "writes, with a permission"
ADDS_UP = "adds up over all rows; no cell of a row leaves"
JUDGES = "judges rows of a dropped file beside those that stand; the card shows shapes"
#: Module::function -> why it reads without masks.
WITHOUT_MASKS = {
    "access/audit.py::accept": "heads of the audit trail that builds have noted",
    "deliveries/deliveries.py::broken": ADDS_UP,
    "deliveries/deliveries.py::deliveries": LOADS,
    "deliveries/senders.py::scorecards": ADDS_UP,
    "features/drift.py::drift": "two distributions over all entities; hidden cells left out",
    "features/feast_push.py::_open": "a push: each table is treated by its profile",
    "features/leak_audit.py::_chance_rows": "copies the home for an attack; no row leaves",
    "features/profile.py::known_page": KEY,
    "features/profile.py::known_total": ADDS_UP,
    "features/profile.py::profile": KEY,
    "features/profile.py::versions": KEY,
    "features/retrieval.py::history": KEY,
    "features/retrieval.py::is_known": KEY,
    "features/retrieval.py::latest": KEY,
    "features/retrieval.py::moments": "moments at which rows became known",
    "features/retrieval.py::point_in_time": KEY,
    "features/training.py::facts": "facts for the auditor; no row leaves",
    "features/training.py::training_set": "leaves under the profile internal alone",
    "overview/overview.py::overview": ADDS_UP,
    "overview/tour.py::state": LOADS,
    "providers/chance_worlds.py::chance_worlds": "deals worlds; only how many reach the data leaves",
    "quarantine/causes.py::causes": STEWARD,
    "quarantine/causes.py::waiver": STEWARD,
    "quarantine/checks.py::check_waivable": STEWARD,
    "quarantine/checks.py::rows_that_exist": STEWARD,
    "quarantine/decisions.py::rows": STEWARD,
    "quarantine/decisions.py::suggestions": STEWARD,
    "quality/rules.py::rules": ADDS_UP,
    "quarantine/open_rows.py::open_counts": ADDS_UP,
    "quarantine/open_rows.py::open_rules": ADDS_UP,
    "quarantine/open_rows.py::page": STEWARD,
    "quarantine/text_replacement.py::replacements": STEWARD,
    "quarantine/open_rows.py::row_ids": STEWARD,
    "quarantine/recheck.py::recheck": STEWARD,
    "quarantine/repaired_file.py::compare": STEWARD,
    "quarantine/row_names.py::row_names": STEWARD,
    "quarantine/sender_file.py::_workbook": "leaves under the profile internal alone",
    "quarantine/sender_file.py::reply": "leaves under the profile internal alone",
    "quarantine/sender_file.py::to_reply": ADDS_UP,
    "quarantine/what_if.py::what_if": STEWARD,
    "referrals/referrals.py::choose_for_referral": "the patient of a place in the list; shown by area",
    "referrals/referrals.py::page": "people of referrals, masked value by value",
    "run/metrics.py::_metrics": LOADS,
    "run/selection.py::freshness": LOADS,
    "run/status.py::status": LOADS,
    "run/warehouse.py::_built": "when models were built, and rows that wait added up; no cell leaves",
    "quality/thresholds.py::tried": ADDS_UP,
    "settings/effects.py::_held": ADDS_UP,
    "settings/effects.py::_in_force": LOADS,
    "settings/upgrade.py::outdated": "fingerprints of layers",
    "tables/table_list.py::tables": "names, columns and numbers of rows; no cell leaves",
    "tables/outcome_maturity.py::_counts": ADDS_UP,
    "tables/trace.py::trace": "follows a key that somebody has; leads to files and lines",
    "tables/trace.py::trace_row": "follows a key that somebody has; leads to files and lines",
    "upload/date_order.py::suggestions": LOADS,
    "upload/gate.py::held_loads": LOADS,
    "upload/inbox.py::look": LOADS,
    "upload/line_account.py::of_load": LOADS,
    "upload/loads.py::_has_loads": LOADS,
    "upload/loads.py::history": LOADS,
    "upload/loads.py::release": WRITES,
    "upload/loads.py::undo_together": WRITES,
    "upload/joint_judgement.py::Judgement": JUDGES,
    "upload/preflight.py::_was_built": JUDGES,
    "upload/purge.py::expired": LOADS,
    "upload/purge.py::purge": WRITES,
    "upload/recipes.py::offered": STEWARD,
    "upload/recipes.py::tried": ADDS_UP,
    "upload/recipes.py::versions": LOADS,
    "upload/redoing.py::redo_together": WRITES,
    "upload/redoing.py::redone": ADDS_UP,
    "upload/releases.py::of": "rows that wait, added up; names of providers leave, which are public",
    "upload/statements.py::about": WRITES,
    "upload/tray.py::_preview": JUDGES,
    "upload/undoing.py::undone": ADDS_UP,
    "why/emptiness.py::of_tables": "whether tables hold rows; no cell leaves",
}


def openers(source: str) -> set[str]:
    """The functions of a module that use one of RAW, outermost ones; "" for the module itself."""
    found = set()
    for node in ast.parse(source).body:
        names = {
            getattr(each, "id", getattr(each, "attr", None))
            for each in ast.walk(node)
            if isinstance(each, ast.Name | ast.Attribute)
        }
        if names & set(RAW):
            found.add(getattr(node, "name", ""))
        renamed = isinstance(node, ast.ImportFrom) and any(
            each.name in RAW and each.asname for each in node.names
        )
        if renamed:
            found.add("")
    return found


def test_who_reads_without_masks_is_listed_with_a_reason_and_nobody_else_does():
    reading = {
        f"{path.relative_to(SERVICES).as_posix()}::{name}"
        for path in sorted(SERVICES.rglob("*.py"))
        for name in openers(path.read_text(encoding="utf-8"))
    }
    assert sorted(reading - WITHOUT_MASKS.keys() - MASKS.keys()) == []
    assert sorted((WITHOUT_MASKS.keys() | MASKS.keys()) - reading) == []
    assert all(reason.strip() for reason in WITHOUT_MASKS.values())


@pytest.mark.parametrize("screen", ["networks", "catalogue", "methods"])
def test_services_of_comparisons_read_with_masks_alone(screen):
    assert not [name for name in WITHOUT_MASKS if name.startswith(f"{screen}/")]
    assert list((SERVICES / screen).glob("*.py"))


@pytest.mark.parametrize(
    "code",
    [
        "def read(settings):\n    with open_warehouse(settings) as one: pass",
        "def read(settings):\n    return database.open_scratch(settings)",
        "def read(settings, opener=open_file):\n    return opener(settings)",
        "class A:\n    def read(self):\n        open_snapshot(self.settings)",
        "from pipeline.store.sqlite.database import open_warehouse as o",
    ],
)
def test_the_search_finds_each_way_to_open(code):
    assert openers(code)


def test_reading_with_masks_is_not_found():
    assert not openers("def read(settings):\n    with open_visible(settings, 'a') as one: pass")
    assert Path(SERVICES / "tables" / "visible.py").exists()
