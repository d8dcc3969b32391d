"""The parts of a run sum to the whole, whatever comes twice."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.orchestrate import stopwatch

PARTS = st.sampled_from(["prepare", "plan given up", "landing_zone", "publish"])


@given(st.lists(st.tuples(PARTS, st.floats(0.0, 1e4))))
def test_parts_sum_to_the_time_until_the_last_of_them_ended(steps):
    now = [50.0]
    clock = type("Clock", (), {"monotonic": staticmethod(lambda: now[0])})
    stock, stopwatch.time = stopwatch.time, clock
    try:
        watch = stopwatch.Stopwatch()
        for part, seconds in steps:
            now[0] += seconds
            watch.end(part)
    finally:
        stopwatch.time = stock
    assert abs(sum(watch.seconds().values()) - (now[0] - 50.0)) < 0.01
    assert set(watch.seconds()) == {part for part, _ in steps}
