"""The demonstration: one command, and rows arrive."""

import pytest

from pipeline.config import load_settings
from pipeline.errors import InputRefused
from pipeline.services.stream import demo, streams
from tests.warehouse import silver_counts


def test_the_demonstration_sends_reads_drains_and_builds_and_leaves_one_poison_message(
    sample_home, tmp_path
):
    settings, told = load_settings(home=tmp_path / "home"), []
    state = demo.stream(settings, rounds=1, pause_seconds=0, heard=told.append)
    assert (state.dead_letters, state.waiting, state.lag) == (1, {}, 0)
    assert silver_counts(settings.home) == silver_counts(sample_home)
    assert "built, succeeded" in told[-1]
    (letter,) = streams.dead_letters(settings)
    assert letter.reason == "no valid JSON"
    with pytest.raises(InputRefused, match="holds something already"):
        demo.stream(settings, rounds=1, pause_seconds=0, heard=told.append)
