"""The check that every delivered line has a place fails when one loses it, whichever count is
tampered with; and passes on what the loader wrote.
"""

import pytest

from pipeline.config import load_settings
from pipeline.services.upload import loads
from pipeline.store.sqlite.database import open_warehouse
from pipeline.transform.dbt_project import DBT_PROJECT_DIR
from tests.factories import small_world, write_delivery

CHECK = "assert_every_delivered_line_has_a_place"
#: What can go wrong between the bytes and the rows, after the fact.
TAMPERINGS = {
    "a row is gone": "delete from ops_delivered_patients where rowid = 3",
    "a row came twice": "insert into ops_delivered_patients select * from ops_delivered_patients limit 1",
    "a row is of no load": "update ops_delivered_patients set _load = 99 where rowid = 3",
    "a reject is gone": "delete from raw_rejects where rowid = (select max(rowid) from raw_rejects)",
    "a line is counted nowhere": "update ops_load_lines set lines = lines - 1 where part = 'rows'",
    "a line is counted twice": "update ops_load_lines set lines = lines + 1 where part = 'blank'",
    "a part is missing": "delete from ops_load_lines where part = 'header'",
    "the file was longer": "update ops_load_lines set lines = lines + 1 where part = 'delivered'",
    "no line is on record": "delete from ops_load_lines where load_id = 'L00001'",
    "a load counts too many rows": "update ops_loads set accepted = accepted + 1",
    "a load counts too few rejects": "update ops_loads set rejected = rejected - 1 where rejected > 0",
}


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """A home with every source, a note, a reject and a blank line, and the compiled check."""
    from dbt.cli.main import dbtRunner

    folder = tmp_path_factory.mktemp("lines")
    delivery = write_delivery(folder / "delivery", **small_world())
    patients = delivery / "patients.csv"
    text = patients.read_text(encoding="utf-8")
    patients.write_text(f"A list of people\n{text}\nonly one cell\n", encoding="utf-8")
    settings = load_settings(home=folder / "home")
    assert {each.status for each in loads.ingest(settings, [delivery])} == {"loaded"}
    patch = pytest.MonkeyPatch()
    patch.setenv("ICON_HEALTH_HOME", str(settings.home))
    result = dbtRunner().invoke(
        [
            *("--quiet", "--log-level", "none", "--log-level-file", "none"),
            *("compile", "--select", CHECK),
            *("--project-dir", str(DBT_PROJECT_DIR), "--profiles-dir", str(DBT_PROJECT_DIR)),
            *("--target-path", str(folder / "target")),
        ]
    )
    patch.undo()
    assert result.success, result.exception
    return settings, next((folder / "target" / "compiled").rglob(f"{CHECK}.sql")).read_text()


def failures(loaded, tampering: str | None) -> list[tuple]:
    """Rows that the check returns after a statement that is taken back."""
    settings, check = loaded
    with open_warehouse(settings, write=True) as warehouse:
        warehouse.execute("begin")
        if tampering:
            assert warehouse.execute(tampering).rowcount > 0
        rows = warehouse.execute(check).fetchall()
        warehouse.execute("rollback")
    return rows


def test_what_the_loader_wrote_adds_up(loaded):
    assert failures(loaded, None) == []
    load_id = loads.history(loaded[0])["load_id"].iloc[0]
    loads.undo(loaded[0], load_id)
    assert failures(loaded, None) == [], "raw keeps the rows of an undone load"


@pytest.mark.parametrize("what", TAMPERINGS)
def test_whatever_is_tampered_with_the_check_fails(loaded, what):
    assert failures(loaded, TAMPERINGS[what]) != []
