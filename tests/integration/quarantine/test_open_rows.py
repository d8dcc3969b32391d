"""The open rows are cut, searched and replaced by the database; two people never overwrite each
other unseen.
"""

import shutil

import pytest

from pipeline.config import load_settings
from pipeline.errors import InputRefused
from pipeline.services.quarantine import corrections, decisions, open_rows, text_replacement
from pipeline.services.quarantine.open_rows import WHY, RowSearch
from tests.warehouse import query

NPI_CUT, NPI = "224645979", "2246459798"


@pytest.fixture
def sample(sample_home):
    return load_settings(home=sample_home)


@pytest.fixture
def own(sample_home, tmp_path):
    return load_settings(home=shutil.copytree(sample_home, tmp_path / "home"))


def test_each_reason_stands_beside_the_cell_that_it_concerns(sample):
    rows = open_rows.page(sample, "employer_networks").rows
    assert rows[f"npi{WHY}"].tolist() == [["NET-03"]] * 3
    assert [name for name in rows.columns if name.endswith(WHY)] == [f"npi{WHY}"]
    assert rows["suggested"].tolist() == [f"npi → {NPI} (98%)"] * 3
    assert rows[["first_seen_at", "last_seen_at", "builds_open"]].notna().all(axis=None)


def test_pages_are_the_whole_in_order(sample):
    whole = open_rows.page(sample, "encounters", limit=1_000).rows
    pages = [
        open_rows.page(sample, "encounters", offset=offset, limit=20).rows["row_id"].tolist()
        for offset in (0, 20, 40, 60)
    ]
    assert sum(pages, []) == whole["row_id"].tolist() and whole["line"].is_monotonic_increasing
    assert [(len(whole),)] == query(sample.home, "select count(*) from quarantine_encounters")


@pytest.mark.parametrize(
    ("search", "condition"),
    [
        (RowSearch("ENC-06"), "exists (select 1 from json_each(rules) where value = 'ENC-06')"),
        (RowSearch("ENC-09"), "exists (select 1 from json_each(rules) where value = 'ENC-09')"),
        (RowSearch(None, "cpt", "271", "part of the cell"), "cpt like '%271%'"),
        (RowSearch("ENC-06", "cpt", "27130", "whole cell"), "cpt = '27130'"),
        (RowSearch(None, "paid_amount_usd", "", "empty cell"), "paid_amount_usd is null"),
    ],
)
def test_a_search_finds_what_the_rows_hold(sample, search, condition):
    expected = query(sample.home, f"select count(*) from quarantine_encounters where {condition}")[
        0
    ][0]
    assert open_rows.page(sample, "encounters", search).total == expected


def test_rules_are_counted_as_the_quarantine_lists_them(sample):
    expected = dict(
        query(
            sample.home,
            "select rules.value, count(*) from quarantine_encounters as held, json_each(held.rules) as rules "
            "group by 1",
        )
    )
    assert open_rows.open_rules(sample, "encounters") == expected


def test_find_and_replace_changes_what_it_finds_and_nothing_else(sample):
    replacements = text_replacement.replacements(
        sample, "employer_networks", RowSearch(None, "npi", NPI_CUT, "whole cell"), NPI
    )
    assert set(map(str, replacements.repairs.values())) == {str({"npi": NPI})} and (
        len(replacements.repairs),
        replacements.left_out,
    ) == (3, 0)
    part = text_replacement.replacements(
        sample, "employer_networks", RowSearch(None, "npi", NPI_CUT[2:5], "part of the cell"), ""
    )
    assert {repair["npi"] for repair in part.repairs.values()} == {NPI_CUT[:2] + NPI_CUT[5:]}
    assert (
        text_replacement.replacements(
            sample, "employer_networks", RowSearch(None, "npi", "", "whole cell"), NPI
        ).repairs
        == {}
    )
    (filled,) = text_replacement.replacements(
        sample, "providers", RowSearch(None, "npi", "", "empty cell"), NPI
    ).repairs.values()
    assert filled == {"npi": NPI}


def test_a_masked_column_cannot_be_searched_for_a_value(sample):
    assert "patient_id" not in open_rows.searchable("encounters")
    with pytest.raises(InputRefused, match="masked"):
        text_replacement.replacements(
            sample, "encounters", RowSearch(None, "patient_id", "100", "part of the cell"), "7"
        )


def test_who_decides_on_what_another_has_decided_meanwhile_is_told_and_changes_nothing(own):
    page = open_rows.page(own, "employer_networks")
    row_id = page.rows["row_id"].iloc[0]
    corrections.correct(own, "employer_networks", [row_id], {"npi": NPI}, "looked up", "Grace")
    with pytest.raises(InputRefused, match="decided meanwhile by Grace: correct npi"):
        corrections.correct_each(
            own, "employer_networks", {row_id: {"npi": "1"}}, "a guess", "Ada", since=page.newest
        )
    for decide in (decisions.reject, decisions.waive):
        with pytest.raises(InputRefused, match="Grace"):
            decide(own, "employer_networks", [row_id], "not needed", "Ada", since=page.newest)
    assert [decision["author"] for decision in decisions.audit_trail(own)] == ["Grace"]
    again = open_rows.page(own, "employer_networks")
    assert again.rows["decided"].fillna("").tolist() == ["Grace: npi corrected", "", ""]
    decisions.reject(own, "employer_networks", [row_id], "not needed", "Ada", since=again.newest)
    assert len(decisions.audit_trail(own)) == 2


def test_the_download_holds_all_rows_with_their_reasons_and_patients_masked(sample):
    rows = open_rows.everything(sample, "encounters")
    assert len(rows) == open_rows.open_counts(sample)["encounters"]
    assert rows["reasons"].str.contains("npi: ENC-06").all()
    assert not set(rows["patient_id"]) & {
        value for (value,) in query(sample.home, "select patient_id from quarantine_encounters")
    }
