"""Whatever of the files was delivered: the pages name what is missing, and what to do."""

import pytest

from pipeline.declared.sources import source_names
from tests.subsets import faults, gated_home

NAMES = source_names()


def without_all_but(*delivered: str) -> tuple[str, ...]:
    return tuple(name for name in NAMES if name not in delivered)


#: Sets of absent sources that differ in kind; `python -m tests.subsets` takes all 64.
KINDS = (
    ("providers",),
    without_all_but("adverse_events", "referrals", "employer_networks"),
    without_all_but("providers"),
    NAMES,
)


@pytest.mark.parametrize("absent", KINDS, ids="-".join)
def test_pages_name_the_files_that_are_missing(absent, open_page, home_store):
    whole = gated_home(home_store, ())
    assert faults(open_page, gated_home(home_store, absent), whole, absent) == []


def test_a_page_that_tells_a_symptom_is_found(open_page, home_store):
    """The check itself: a whole delivery judged as if a file were missing has faults."""
    whole = gated_home(home_store, ())
    found = faults(open_page, whole, whole, ("referrals",))
    assert any("does not ask for referrals.csv" in fault for fault in found)
