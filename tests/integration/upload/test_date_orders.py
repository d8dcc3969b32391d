"""The order of day and month of a file: stated, suggested with its evidence, taken back, and done
again for the next file of its sender; never guessed.
"""

import shutil
from datetime import date

import pytest

from pipeline.config import load_settings
from pipeline.errors import InputRefused
from pipeline.services.access import audit
from pipeline.services.quarantine import decisions
from pipeline.services.run import runs
from pipeline.services.upload import date_order, loads
from pipeline.store.sqlite.database import open_warehouse
from pipeline.store.warehouse import date_orders
from tests.factories import patient, patient_id, referral, small_world, write_delivery
from tests.warehouse import open_quarantine, query

MONTH_FIRST, DAY_FIRST = "%m/%d/%Y", "%d.%m.%Y"
DAYS = [date(1940 + number % 40, 1 + number % 12, 1 + number % 28) for number in range(1, 121)]


def patients(form: str, first: int, days=DAYS) -> list[dict]:
    """A patient a day, the date written in one form."""
    return [patient(first + place, birth_date=day.strftime(form)) for place, day in enumerate(days)]


def born(settings, first: int) -> dict[str, str]:
    """Patient -> day of birth in silver, of the patients of one file."""
    ids = {patient_id(first + place) for place in range(len(DAYS))}
    return {
        key: day
        for key, day in query(settings.home, "select patient_id, birth_date from std_patients")
        if key in ids
    }


def truth(first: int) -> dict[str, str]:
    return {patient_id(first + place): day.isoformat() for place, day in enumerate(DAYS)}


@pytest.fixture(scope="module")
def told_home(tmp_path_factory):
    """A home with a file month first, one day first, and one that contradicts itself; built."""
    folder = tmp_path_factory.mktemp("dates")
    settings = load_settings(home=folder / "home", gate_threshold=1.0)
    world = small_world()
    mixed = patients(MONTH_FIRST, 700, DAYS[:60]) + patients("%d/%m/%Y", 760, DAYS[60:])
    for name, rows in {
        "american": patients(MONTH_FIRST, 300),
        "german": patients(DAY_FIRST, 500),
        "mixed": mixed,
    }.items():
        written = write_delivery(folder / name, patients=rows)
        shutil.move(written / "patients.csv", folder / name / f"patients_{name}.csv")
    loads.ingest(settings, [write_delivery(folder / "world", **world)])
    loads.ingest(settings, [folder / name for name in ("american", "german", "mixed")])
    runs.run_now(settings, verb="build", layers=["landing_zone", "standard_model"])
    return settings


def load_of(settings, name: str) -> str:
    ((load_id,),) = query(
        settings.home, f"select load_id from ops_loads where source_file = 'patients_{name}.csv'"
    )
    return load_id


def build(settings, **options) -> None:
    layers = ["landing_zone", "standard_model"]
    assert runs.run_now(settings, verb="build", layers=layers, **options).status == "succeeded"


def verdicts(settings) -> list[tuple]:
    columns = "_row_id, birth_date, _status, _failed, _content, _family, _key, _fixes"
    return query(settings.home, f"select {columns} from row_verdicts_patients order by _row_id")


def test_a_file_in_one_order_is_suggested_with_its_counts_and_never_read_by_itself(told_home):
    suggested = {each.source_file: each for each in date_order.suggestions(told_home)}
    assert suggested.keys() == {"patients_american.csv", "patients_german.csv"}
    american, german = suggested["patients_american.csv"], suggested["patients_german.csv"]
    clear = sum(day.day > 12 for day in DAYS)
    open_days = sum(day.day <= 12 and day.day != day.month for day in DAYS)
    assert (american.date_order, german.date_order) == ("MDY", "DMY")
    assert american.waiting == german.waiting == open_days
    assert american.evidence == (
        f"{clear} of {len(DAYS)} dates can only be month first, none only day first, "
        f"{open_days} can be either"
    )
    for first in (300, 500):
        known = born(told_home, first)
        assert len(known) == len(DAYS) - open_days and known.items() <= truth(first).items()


def test_a_stated_order_is_read_taken_back_and_equals_a_full_refresh(told_home, tmp_path):
    shutil.copytree(told_home.home, tmp_path / "home")
    settings = load_settings(home=tmp_path / "home", gate_threshold=1.0)
    before, waiting = verdicts(settings), open_quarantine(settings.home)
    for name, order in (("american", "mdy"), ("german", "DMY")):
        date_order.state(settings, load_of(settings, name), order, "the sender says so", "tester")
    (record,) = audit.newest(settings, 1)
    assert (record.action, record.target) == ("state date order", load_of(settings, "german"))
    assert record.facts == {"source": "patients", "date_order": "DMY", "for_sender": True}
    build(settings)
    assert born(settings, 300) == truth(300) and born(settings, 500) == truth(500)
    mixed = open_quarantine(settings.home)["patients"]
    assert 0 < mixed < waiting["patients"]
    assert [each.source_file for each in date_order.suggestions(settings)] == []
    stated = verdicts(settings)
    build(settings, full_refresh=True)
    assert verdicts(settings) == stated

    # month first is stated for the mixed file: what contradicts it waits, also what was clear
    date_order.state(settings, load_of(settings, "mixed"), "mdy", "asked", "tester", False)
    build(settings)
    contradicting = sum(day.day > 12 for day in DAYS[60:])
    assert open_quarantine(settings.home)["patients"] == contradicting

    for name in ("american", "german", "mixed"):
        date_order.state(settings, load_of(settings, name), None, "a mistake", "tester")
    build(settings)
    assert verdicts(settings) == before and open_quarantine(settings.home) == waiting
    with open_warehouse(settings) as connection:
        kept = date_orders.statements(connection, load_of(settings, "american"))
    assert [(each["date_order"], each["author"]) for each in kept] == [
        ("MDY", "tester"),
        (None, "tester"),
    ]
    raw = query(settings.home, "select count(*) from raw_patients where birth_date glob '*/*'")
    assert raw == [(240,)]


def test_the_order_is_remembered_for_a_sender_until_a_file_contradicts_it(told_home, tmp_path):
    shutil.copytree(told_home.home, tmp_path / "home")
    settings = load_settings(home=tmp_path / "home", gate_threshold=1.0)
    date_order.state(settings, load_of(settings, "american"), "mdy", "agreed", "tester")
    orders, findings = {}, {}
    for name, rows in {
        "patients_american_2": patients(MONTH_FIRST, 1000),
        "patients_american_3": patients("%d/%m/%Y", 1200),
        "patients_other": patients(MONTH_FIRST, 1400),
    }.items():
        written = write_delivery(tmp_path / name, patients=rows)
        shutil.move(written / "patients.csv", written / f"{name}.csv")
        (result,) = loads.ingest(settings, [written / f"{name}.csv"])
        ((orders[name],),) = query(
            settings.home, f"select date_order from ops_loads where load_id = '{result.load_id}'"
        )
        findings[name] = " ".join(each.detail for each in result.findings)
    assert orders == {
        "patients_american_2": "MDY",
        "patients_american_3": None,
        "patients_other": None,
    }
    assert "as for L0000" in findings["patients_american_2"]
    assert "does not hold" in findings["patients_american_3"]
    assert "wait for the order of day and month" in findings["patients_other"]


def test_the_order_can_be_decided_when_a_file_is_loaded(tmp_path):
    settings = load_settings(home=tmp_path / "home", gate_threshold=1.0)
    delivery = write_delivery(
        tmp_path / "in",
        patients=patients(MONTH_FIRST, 300),
        referrals=[referral(1, birth_date="03/04/1950"), referral(2, birth_date="30/04/1950")],
    )
    loads.ingest(settings, [delivery], reading=loads.reading(date_order="mdy"))
    build(settings)
    assert born(settings, 300) == truth(300)
    days = query(settings.home, "select patient_id, birth_date from stg_referrals order by 1")
    assert [day for _, day in days] == ["1950-03-04", "30/04/1950"]
    assert open_quarantine(settings.home)["referrals"] == 1
    assert decisions.suggestions(settings) == ()


@pytest.mark.parametrize(
    ("load_id", "order", "what"),
    [
        ("L00002", "ymd", "no order of day and month"),
        ("L99999", "mdy", "there is no such load"),
        ("L00002", "mdy", "has no column of dates"),
    ],
)
def test_what_cannot_be_stated_is_refused(told_home, load_id, order, what):
    with pytest.raises(InputRefused, match=what):
        date_order.state(told_home, load_id, order, "because", "tester")
