"""Numbers, money, dates and tables as people read them."""

from datetime import UTC, datetime

import pandas as pd
import pytest

from pages.components import formats
from pages.components.tables import as_csv


@pytest.mark.parametrize(("call", "expected"), [
    (lambda: formats.number(1234567), "1,234,567"), (lambda: formats.number(0.5), "0.50"), (lambda: formats.number(None), "–"),
    (lambda: formats.number(12, "rows"), "12 rows"), (lambda: formats.counted(1, "row"), "1 row"),
    (lambda: formats.counted(2000, "entity", "entities"), "2,000 entities"), (lambda: formats.money(240917), "$240,917"),
    (lambda: formats.money(6168035), "$6.17 M"), (lambda: formats.share(0.0424), "4.2 %"),
    (lambda: formats.moment("2026-11-23T15:04:05Z"), "23 Nov 2026, 15:04 UTC"), (lambda: formats.moment("2026-11-03"), "3 Nov 2026"),
    (lambda: formats.span(0.42), "0.4 s"), (lambda: formats.span(65), "1 min 05 s"),
    (lambda: formats.words("paid_amount_usd"), "Paid amount (USD)"), (lambda: formats.words("npi"), "NPI"),
])
def test_a_value_is_written_for_people(call, expected):
    assert call() == expected


@pytest.mark.parametrize(("then", "expected"), [("2026-11-23T11:59:40Z", "just now"), ("2026-11-23T11:55:00Z", "5 minutes ago"),
                                                ("2026-11-23T10:00:00Z", "2 hours ago"), ("2026-11-20T10:00:00Z", "3 days ago")])
def test_a_moment_is_told_as_time_gone_by(then, expected):
    assert formats.ago(then, datetime(2026, 11, 23, 12, tzinfo=UTC)) == expected


def test_a_cell_that_a_spreadsheet_would_run_is_disarmed():
    frame = pd.DataFrame({"reason": ["=HYPERLINK(1)", "@x", "fine"], "change": [-1, 2, 3]})
    assert as_csv(frame).decode().splitlines()[1:] == ["'=HYPERLINK(1),-1", "'@x,2", "fine,3"]
