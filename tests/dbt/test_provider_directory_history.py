"""The history of the directory: what deliveries told, compared with the files themselves."""

import pytest

from tests.dbt.test_delivery_histories import Story
from tests.factories import EMPLOYER, network, npi, provider, small_world
from tests.warehouse import query

MOVED = {"provider_name": "Provider1, Patricia", "zip": "002131001"}


@pytest.fixture
def story(settings, tmp_path) -> Story:
    return Story(settings, tmp_path)


def entries(home, number: int) -> list[tuple]:
    return query(
        home,
        "select provider_name, zip5, is_current from provider_directory_history "
        "where aspect = 'entry' and npi = ? order by valid_from, _row_id",
        npi(number),
    )


def spans(home, number: int) -> list[tuple]:
    """Begun and ended by which load, in the order of time."""
    return query(
        home,
        "select begun_by, ended_by from provider_directory_history "
        "where aspect = 'network' and employer_id = ? and npi = ? order by begun_by",
        EMPLOYER,
        npi(number),
    )


def assert_current_rows_are_silver(home) -> None:
    now = "select {} from provider_directory_history where is_current = 1 and aspect = '{}'"
    assert sorted(query(home, now.format("npi, provider_name, zip5, zip4", "entry"))) == sorted(
        query(home, "select npi, provider_name, zip5, zip4 from std_providers")
    )
    assert sorted(query(home, now.format("employer_id, npi", "network"))) == sorted(
        query(home, "select employer_id, npi from std_employer_networks")
    )


def test_entries_and_spans_on_lists_follow_the_deliveries(story):
    story.deliver(**small_world() | {"employer_networks": [network(1, 2)]})
    (first,) = {begun for begun, _ in spans(story.home, 1)}
    moved = provider(1, **MOVED)
    # a wrong name never stood: two rows of one NPI contradict each other
    torn = [provider(2, provider_name="Nobody, A"), provider(2, provider_name="Nobody, B")]
    new = [provider(number) for number in range(5, 13)]  # too few wrong rows to wait at the gate
    (second,) = story.deliver(employer_networks=[network(2, 3)])
    third = story.deliver(providers=[moved, *torn, *new], employer_networks=[network(1, 2, 4)])[-1]

    assert entries(story.home, 1) == [
        ("Provider1, Pat", "00212", 0),
        ("Provider1, Patricia", "00213", 1),
    ]
    assert entries(story.home, 2) == [("Provider2, Pat", "00212", 1)]
    assert spans(story.home, 1) == [(first, second), (third, None)]
    assert spans(story.home, 2) == [(first, None)]
    assert spans(story.home, 3) == [(second, third)]
    assert_current_rows_are_silver(story.home)

    story.undo(third)
    assert spans(story.home, 1) == [(first, second)]
    assert spans(story.home, 3) == [(second, None)]
    assert_current_rows_are_silver(story.home)
