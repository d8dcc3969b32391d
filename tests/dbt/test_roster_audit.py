"""A network lists NPIs in other spellings: the audit tells what was listed, what it was read as,
and that only cleaning or a steward made it a known provider.
"""

import csv

import pytest

from pipeline.services.networks import networks
from pipeline.services.quarantine import corrections
from pipeline.services.run import runs
from tests.warehouse import copied, query

EMPLOYER = "91001"
PATIENT_LIKE = "patient 80417"
#: Spelling -> what the loader reads.
SPELLINGS = {
    "{}": "{}",
    "{}.0": "{}",
    "{}.000": "{}",
    "\u00a0{}\u00a0": "{}",
    '"{}"': "{}",
    " {} ": "{}",
}
#: Those in which the entry itself differs: quotes and blanks beside separators are the list's.
REPAIRED = ("{}.0", "{}.000", "\u00a0{}\u00a0")


@pytest.fixture(scope="module")
def audited(sample_home, tmp_path_factory):
    """Settings of a home with such a list, and the NPIs by spelling."""
    settings = copied(sample_home, tmp_path_factory.mktemp("roster") / "home")
    known = [npi for (npi,) in query(settings.home, "select npi from std_providers order by npi")]
    npis = dict(zip((*SPELLINGS, "cut", "other", "unknown"), known, strict=False))
    (npis["unknown"],) = query(
        settings.home,
        "select min(npi) from std_employer_networks "
        "where npi not in (select npi from std_providers)",
    )[0]
    entries = [spelling.format(npis[spelling]) for spelling in SPELLINGS]
    entries += [npis["cut"][:9], PATIENT_LIKE, f"{npis['unknown']}.0"]
    path = settings.home.parent / "employer_in_network.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [("employer_id", "in_network_npis"), (EMPLOYER, ",".join(entries))]
        )
    runs.run_now(settings, verb="run", paths=[path], layers=["landing_zone", "standard_model"])
    for listed, name in ((npis["cut"][:9], "cut"), (PATIENT_LIKE, "other")):
        ((row,),) = query(
            settings.home,
            "select _row_id from quarantine_employer_networks where listed_raw = ? "
            "and _load_id = (select max(_load_id) from quarantine_employer_networks)",
            listed,
        )
        corrections.correct(
            settings, "employer_networks", [row], {"npi": npis[name]}, "as told", "tester"
        )
    runs.run_now(settings, verb="build")
    return settings, npis


def audit(settings) -> dict[str, tuple]:
    """NPI -> listed_raw, normalised_npi, status."""
    rows = query(
        settings.home,
        "select npi, listed_raw, normalised_npi, status from network_roster_audit "
        "where employer_id = ?",
        EMPLOYER,
    )
    return {npi: tuple(rest) for npi, *rest in rows}


def test_a_listed_npi_that_only_cleaning_makes_known_is_repaired(audited):
    settings, npis = audited
    rows = audit(settings)
    for spelling, reads in SPELLINGS.items():
        listed, normalised, status = rows[npis[spelling]]
        assert normalised == reads.format(npis[spelling])
        if spelling in REPAIRED:
            assert (listed, status) == (spelling.format(npis[spelling]), "repaired")
        else:
            assert listed == npis[spelling]
            assert status in ("active", "never_used")


def test_an_unknown_npi_stays_unknown_however_it_is_spelt(audited):
    settings, npis = audited
    npi = npis["unknown"]
    assert audit(settings)[npi] == (f"{npi}.0", npi, "unknown")


def test_a_corrected_entry_tells_the_first_nine_digits_and_nothing_that_is_no_npi(audited):
    settings, npis = audited
    rows = audit(settings)
    assert rows[npis["cut"]] == (npis["cut"][:9], npis["cut"][:9], "repaired")
    assert rows[npis["other"]] == (None, None, "repaired")
    for table in ("std_employer_networks", "network_roster_audit"):
        assert PATIENT_LIKE not in str(query(settings.home, f"select * from {table}"))


def test_a_list_that_was_mended_is_in_order_again(audited, tmp_path):
    settings, npis = copied(audited[0].home, tmp_path / "home"), audited[1]
    path = tmp_path / "employer_in_network.csv"
    path.write_text(
        f'employer_id,in_network_npis\n{EMPLOYER},"{npis["{}.0"]},{npis["{}.000"]}.0"\n'
    )
    runs.run_now(settings, verb="run", paths=[path])
    mended, respelt = npis["{}.0"], npis["{}.000"]
    rows = audit(settings)
    assert rows[mended][0] == mended
    assert rows[mended][2] in ("active", "never_used")
    assert rows[respelt] == (f"{respelt}.0", respelt, "repaired")
    assert set(rows) == {mended, respelt}


def test_the_page_counts_and_shows_repaired_entries(audited):
    settings, npis = audited
    shown = networks.networks(settings, EMPLOYER)
    states = shown.statuses.set_index("status")["entries"]
    assert states["repaired"] == len(REPAIRED) + 2
    entry = shown.roster.set_index("npi").loc[npis["{}.0"]]
    assert entry["listed_raw"] == f"{npis['{}.0']}.0"
    assert "only after cleaning" in entry["suggestion"]
