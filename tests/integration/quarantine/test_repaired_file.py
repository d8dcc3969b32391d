"""A list of open rows that comes back is compared with what waits, cell by cell."""

import pytest

from pipeline.config import load_settings
from pipeline.errors import InputRefused
from pipeline.services.quarantine import open_rows
from pipeline.services.quarantine.repaired_file import compare
from pipeline.services.tables.export_files import csv_bytes


@pytest.fixture
def sample(sample_home):
    return load_settings(home=sample_home)


def test_a_download_that_comes_back_untouched_changes_nothing(sample):
    for entity in ("encounters", "adverse_events", "providers", "employer_networks"):
        rows = open_rows.page(sample, entity).rows
        comparison = compare(sample, entity, csv_bytes(rows))
        assert (comparison.repairs, comparison.unknown, comparison.rows) == ((), (), len(rows))


def test_only_the_changed_cells_are_taken_and_strange_rows_left_alone(sample):
    rows = open_rows.page(sample, "encounters").rows.astype(object)
    rows.loc[0, "cpt"], rows.loc[1, "paid_amount_usd"], rows.loc[2, "row_id"] = (
        "99999",
        "-5",
        "L00009-9",
    )
    comparison = compare(sample, "encounters", csv_bytes(rows))
    assert comparison.changes[["column", "new"]].values.tolist() == [
        ["cpt", "99999"],
        ["paid_amount_usd", "-5"],
    ]
    assert comparison.unknown == ("L00009-9",)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"npi\n1\n",
        b"row_id,npi\nL00001-2,1\nL00001-2,2\n",
        b"\xff\xfe\x00row_id",
        b"row_id,npi\nL00001-2\n",
        b"row_id,npi\nL00001-2,1,2\n",
        b"row_id,npi,npi\nL00001-2,1,2\n",
        b'row_id,npi\n"L00001-2,1\n',
    ],
)
def test_a_file_that_cannot_be_matched_is_refused(data, sample):
    with pytest.raises(InputRefused, match="repaired file"):
        compare(sample, "providers", data)


def test_blank_lines_that_a_spreadsheet_leaves_are_no_rows(sample):
    comparison = compare(
        sample, "providers", csv_bytes(open_rows.page(sample, "providers").rows) + b"\n\n"
    )
    assert comparison.repairs == () and comparison.unknown == ()
    assert compare(sample, "providers", b"row_id,npi\n,\n,\n").rows == 0
