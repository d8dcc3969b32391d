"""Every issued ZIP comes back from what a spreadsheet leaves of it, and nothing else does."""

import pytest

from pipeline.quality.zips import is_issued, with_zeros, zeros_lost


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
    ["10001", "100010123", "10001-0123", "0501123456", "41", "12345678901"]
    + ["601-123", "-1234", "601-", "6 01", "٦٠١", "601a", ""],
)
def test_what_no_issued_zip_leaves_is_not_restored(text):
    assert with_zeros(text) is None and zeros_lost(text) == 0


@pytest.mark.parametrize("text", ["100", "499", "4991234"])
def test_an_area_without_zips_is_restored_and_doubted(text):
    restored = with_zeros(text)
    assert restored is not None and not is_issued(restored)
    assert is_issued("00501") and is_issued("00601-1234")
