"""Masked values are shown in clear only to a login that may, with a reason, for a while, and on
record.
"""

import shutil

import pytest

from pipeline.config import load_settings
from pipeline.errors import InputRefused
from pipeline.services.access import audit
from pipeline.services.access.roles import NotAllowed
from pipeline.services.tables import browse, reveal
from pipeline.services.tables.browse import Filter
from pipeline.store.control.actor import Actor, acting_as
from tests.warehouse import query

ADA, BOB = Actor("idp#ada", ("reviewer",), "Ada"), Actor("idp#bob", ("reviewer",), "Bob")
TABLE = "std_patients"


@pytest.fixture
def settings(sample_home, tmp_path):
    home = shutil.copytree(sample_home, tmp_path / "home")
    return load_settings(home=home, reveal_minutes="15")


@pytest.fixture
def clock(monkeypatch):
    """A clock that is moved by hand."""
    moment = [1_000.0]
    monkeypatch.setattr(reveal, "now", lambda: moment[0])
    return moment


def test_values_are_in_clear_for_one_login_and_table_until_the_time_is_over(settings, clock):
    masked = browse.page(settings, TABLE, limit=5).rows
    with acting_as(ADA):
        assert reveal.grant(settings, TABLE, "A letter came back", 10) == 600
        rows = reveal.rows(settings, TABLE, limit=5)
        known = query(settings.home, "select patient_id, birth_date from std_patients limit 5")
        assert list(rows[["patient_id", "birth_date"]].itertuples(index=False, name=None)) == known
        assert browse.page(settings, TABLE, limit=5).rows.equals(masked)
        with pytest.raises(InputRefused, match="masked"):
            reveal.rows(settings, TABLE, [Filter("birth_date", "=", known[0][1])])
        with pytest.raises(NotAllowed):
            reveal.rows(settings, "std_encounters")
        clock[0] += 601
        with pytest.raises(NotAllowed):
            reveal.rows(settings, TABLE)
        reveal.grant(settings, TABLE, "A letter came back", 10)
        reveal.end(settings, TABLE)
        with pytest.raises(NotAllowed):
            reveal.rows(settings, TABLE)
    reveal_by_ada = [each for each in audit.newest(settings) if each.action.startswith("reveal")]
    assert [each.action for each in reveal_by_ada] == ["reveal ended", "reveal", "reveal"]
    assert {(each.subject, each.target) for each in reveal_by_ada} == {("idp#ada", TABLE)}
    assert reveal_by_ada[-1].facts["minutes"] == 10
    assert str(known[0][0]) not in str(reveal_by_ada)


def test_nobody_else_sees_what_one_has_revealed(settings):
    with acting_as(ADA):
        reveal.grant(settings, TABLE, "A letter came back", 10)
    for actor in (BOB, Actor("idp#eve", ("viewer",)), Actor("idp#op", ("operator",))):
        with acting_as(actor), pytest.raises(NotAllowed):
            reveal.rows(settings, TABLE)
    with acting_as(Actor(ADA.subject, ("viewer",))), pytest.raises(NotAllowed):
        reveal.rows(settings, TABLE)  # the role was taken away meanwhile


@pytest.mark.parametrize("minutes", [0, -1, 15.1, float("inf"), float("nan")])
def test_no_time_beyond_the_setting_is_granted(settings, minutes):
    with acting_as(ADA), pytest.raises(InputRefused):
        reveal.grant(settings, TABLE, "A letter came back", minutes)


def test_the_default_is_never(settings):
    off = load_settings(home=settings.home)
    with acting_as(ADA):
        assert not reveal.is_offered(off)
        with pytest.raises(InputRefused):
            reveal.grant(off, TABLE, "A letter came back", 1)
        reveal.grant(settings, TABLE, "A letter came back", 1)
        with pytest.raises(NotAllowed):
            reveal.rows(off, TABLE)


@pytest.mark.parametrize("reason", ["", "  ", "patient 1000123", "born 1950-01-02"])
def test_a_reason_is_asked_for_and_holds_nobody(settings, reason):
    with acting_as(ADA), pytest.raises(InputRefused):
        reveal.grant(settings, TABLE, reason, 5)
    assert not [each for each in audit.newest(settings) if each.action == "reveal"]


def test_nothing_is_recorded_of_a_table_that_is_none(settings):
    with acting_as(ADA), pytest.raises(InputRefused):
        reveal.grant(settings, "Mary Smith 1950-01-02", "A letter came back", 5)
    assert "Mary" not in str(audit.newest(settings))


def test_small_cells_stay_empty(settings):
    with acting_as(ADA):
        reveal.grant(settings, "std_encounters", "A letter came back", 5)
        reveal.grant(settings, "fct_encounter", "A letter came back", 5)
        for table in ("std_encounters", "fct_encounter"):
            masked = browse.page(settings, table, limit=1_000).rows
            rows = reveal.rows(settings, table, limit=1_000)
            sensitive = set(browse.page(settings, table, limit=1).sensitive)
            plain = [name for name in masked.columns if name not in sensitive]
            assert rows[plain].isna().equals(masked[plain].isna())
        assert rows["has_adverse_event"].isna().any()
