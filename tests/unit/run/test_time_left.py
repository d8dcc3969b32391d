"""The time left follows the pace of the run: close after a fifth of it, hardly rising while the
pace holds, and honest about a step that hangs.
"""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pipeline.services.run.time_left import time_left
from pipeline.store.sqlite.clock import FORMAT

START = datetime(2026, 1, 31, tzinfo=UTC)


def at(seconds: float) -> str:
    return (START + timedelta(seconds=seconds)).strftime(FORMAT)


def moment(durations, now):
    """The steps of a run as they stand at `now`, one after another from 0 on."""
    nodes, begins = [], 0.0
    for number, duration in enumerate(durations):
        ends = begins + duration
        status = "queued" if now < begins else "running" if now < ends else "success"
        nodes.append(
            {
                "node": str(number),
                "status": status,
                "started_at": None if status == "queued" else at(begins),
                "seconds": duration if status == "success" else None,
            }
        )
        begins = ends
    return nodes


USUAL = st.lists(st.integers(30, 300), min_size=5, max_size=40)


@given(USUAL, st.floats(0.2, 8))
def test_at_a_steady_pace_it_is_close_from_the_half_on_and_does_not_rise(usual, pace):
    durations = [pace * seconds for seconds in usual]
    typical = {str(number): float(seconds) for number, seconds in enumerate(usual)}
    total, now, before = sum(durations), 0.0, None
    for duration in durations:
        now += duration
        if now < total / 2:
            continue
        left = time_left(moment(durations, now + 0.001), typical, at(now)).seconds
        assert 0.85 * (total - now) - 5 <= left <= 1.4 * (total - now) + 5
        assert before is None or left <= before + 5
        before = left


def test_a_step_that_hangs_is_said_to_take_longer_and_the_rest_is_not_called_near():
    usual = {str(number): 10.0 for number in range(10)}
    durations = [10.0, 10_000.0, *[10.0] * 8]
    early, late = (time_left(moment(durations, now), usual, at(now)) for now in (15, 300))
    assert not early.is_longer_than_usual and late.is_longer_than_usual
    assert late.seconds > early.seconds > 60


def test_nothing_is_said_where_nothing_is_known():
    durations = [10.0, 10.0]
    assert time_left(moment(durations, 5), {}, at(5)) is None
    assert time_left([], {"0": 1.0}, at(5)) is None


def test_a_step_that_no_run_had_counts_as_the_middle_one():
    usual = {"0": 10.0, "1": 20.0, "2": 30.0}
    nodes = moment([10.0, 20.0, 30.0, 25.0], 0)
    assert 70 <= time_left(nodes, usual, at(0)).seconds <= 90
