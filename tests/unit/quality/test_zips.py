"""Every issued ZIP comes back from what a spreadsheet leaves of it, and nothing else does."""

import pytest

from pipeline.quality.zips import with_zeros, zeros_lost


def test_every_issued_zip_that_lost_its_zeros_comes_back():
    for area in range(5, 100):
        for place in (0, 1, 99):
            zip5 = f"{area:03d}{place:02d}"
            for whole, hyphen in ((zip5, ""), (f"{zip5}0123", ""), (zip5, "-0123")):
                left = str(int(whole)) + hyphen
                assert with_zeros(left) == whole + hyphen
                assert zeros_lost(left) == len(whole) - len(str(int(whole)))


@pytest.mark.parametrize(
    "text",
    ["10001", "100010123", "10001-0123", "0501123456", "41", "12345678901", "100", "499", "4991234"]
    + ["601-123", "-1234", "601-", "6 01", "٦٠١", "601a", ""],
)
def test_what_no_issued_zip_leaves_is_not_restored(text):
    assert with_zeros(text) is None and zeros_lost(text) == 0
