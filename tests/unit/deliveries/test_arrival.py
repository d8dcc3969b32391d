"""When a sender's next delivery is expected, beside the definition worked out by counting."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pipeline.services.deliveries.arrival import expected

START = date(2026, 1, 1)
DAYS = st.lists(st.integers(0, 400), min_size=0, max_size=12)


def rhythm_by_counting(places: list[int], as_of: int) -> tuple[float, int, int] | None:
    """Median gap, the day the next one is due and the days it is late, in days since START."""
    own = sorted(set(places))
    if len(own) < 3:
        return None
    gaps = sorted(own[at + 1] - own[at] for at in range(len(own) - 1))
    middle = len(gaps) // 2
    gap = gaps[middle] if len(gaps) % 2 else (gaps[middle - 1] + gaps[middle]) / 2
    due = own[-1] + int(gap) + (gap != int(gap))
    return float(gap), due, as_of - due if as_of > due else 0


@given(DAYS, st.integers(0, 900))
def test_the_rhythm_is_the_median_of_the_gaps_between_days(places, as_of):
    arrival = expected(
        (START + timedelta(days=place) for place in places), START + timedelta(days=as_of)
    )
    by_counting = rhythm_by_counting(places, as_of)
    if by_counting is None:
        assert arrival is None
    else:
        assert arrival is not None
        due = (arrival.expected_on - START).days
        assert (arrival.median_days, due, arrival.days_late) == by_counting


def test_a_sender_is_late_from_the_day_after_the_expected_one():
    days = [START, START + timedelta(days=7), START + timedelta(days=14)]
    assert expected(days, START + timedelta(days=21)).days_late == 0
    assert expected(days, START + timedelta(days=22)).days_late == 1
