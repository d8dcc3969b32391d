"""What is foretold of a provider never tells the outcome of one to ten encounters."""

from itertools import product

import pytest

from pipeline.privacy.cell_policy import HiddenCells
from pipeline.quality.gold_effect import GoldEffect, ProviderEffect
from pipeline.services.quarantine import shown_effect

SIZES = (0, 1, 5, 10, 11, 12, 21, 22, 40)
NPI = "2000000001"


def told(settings, monkeypatch, effect: ProviderEffect, hidden=frozenset()) -> object:
    cells = HiddenCells({("npi",): hidden})
    monkeypatch.setattr(shown_effect, "hidden_cells", lambda settings: cells)
    (shown,) = shown_effect.shown_effect(settings, GoldEffect((effect,), ("27130",), 3)).providers
    assert (shown.encounters, shown.paid_usd) == (effect.encounters, effect.paid_usd)
    return shown.adverse_events


@pytest.mark.parametrize("hidden", [frozenset(), frozenset({(NPI,)})])
def test_events_are_told_of_none_or_of_eleven_encounters_and_more(settings, monkeypatch, hidden):
    seen = set()
    for before, after, recent in product(SIZES, SIZES, (0, 3)):
        all_after = after + recent
        effect = ProviderEffect(NPI, "A", (before, all_after), (0.0, 1.0), (0, 1), (before, after))
        is_told = told(settings, monkeypatch, effect, hidden) is not None
        of = {before, after, abs(after - before), abs(all_after - before), recent}
        seen.add(is_told)
        assert not is_told or not hidden and of.isdisjoint(range(1, 11))
    assert seen == ({False} if hidden else {False, True})
