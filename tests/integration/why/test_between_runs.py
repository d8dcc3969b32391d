"""Why numbers differ between two runs: every cause that lies between them, and none other."""

import pytest

from pipeline.services.quarantine import corrections, decisions
from pipeline.services.upload import loads
from pipeline.services.why import between_runs
from pipeline.store.control.control_file import open_control
from tests.warehouse import copied

FAR = "2099-01-01T00:00:00Z"


@pytest.fixture
def settings(sample_home, tmp_path):
    """The sample, and a second run that ended long after the first, as of another day."""
    own = copied(sample_home, tmp_path / "own")
    with open_control(own) as control:
        columns = ", ".join(
            name
            for _, name, *_ in control.execute("pragma table_info(ops_runs)")
            if name not in ("run_id", "finished_at", "request_id")
        )
        control.execute(
            f"insert into ops_runs (run_id, finished_at, {columns}) "
            f"select 'R000002', '{FAR}', {columns} from ops_runs where run_id = 'R000001'"
        )
        control.execute(
            "update ops_runs set finished_at = '2000-01-01T00:00:00Z' where run_id = 'R000001'"
        )
    return own


def test_deliveries_decisions_and_the_day_are_named(settings):
    said = between_runs.between(settings, "R000001", "R000002")
    assert len(said) == 1 and "L00002 (23 providers)" in said[0] and said[0].startswith("Delivered")
    chosen = [each for each in decisions.suggestions(settings) if each.entity == "providers"]
    (made,) = corrections.accept_suggestions(settings, chosen)
    assert "Decided: 1 correction." in between_runs.between(settings, "R000001", "R000002")
    decisions.revert(settings, made, "Mistake")
    loads.undo(settings, "L00004")
    with open_control(settings) as control:
        control.execute("update ops_runs set as_of = '2098-12-31' where run_id = 'R000002'")
    said = between_runs.between(settings, "R000001", "R000002")
    assert "Taken back: 1 correction." in said and "Undone: L00004 (200 referrals)." in said
    assert said[-1].startswith("As of 2098-12-31 instead of ")


def test_where_nothing_happened_the_definitions_are_named(settings):
    with open_control(settings) as control:
        control.execute(
            "update ops_runs set finished_at = '2098-01-01T00:00:00Z' where run_id = 'R000001'"
        )
    assert between_runs.between(settings, "R000001", "R000002") == between_runs.NOTHING
    assert between_runs.between(settings, "R000001", "R999999") == ()
