"""Homes to attack: the sample with misplaced values, and deliveries of held-back seeds."""

from dataclasses import dataclass
from pathlib import Path

from benchmarks.disclosure.planted import SAMPLE, deliver
from pipeline.config import Settings, load_settings
from pipeline.services.run import runs
from pipeline.synthetic.generator import generate

#: Encounters of a held-back seed, in how many deliveries.
ROWS, DELIVERIES = 1_200, 3


@dataclass(frozen=True)
class Attacked:
    """A home as it stands after its last delivery; `planted` are values in wrong columns (place ->
    value).
    """

    name: str
    settings: Settings
    planted: dict[str, str]


def sample(folder: Path) -> Attacked:
    """The sample, then a delivery in which values of a person stand in every column."""
    wrong = folder / "wrong"
    wrong.mkdir()
    planted = deliver(wrong)
    return Attacked("sample", _loaded(folder / "home", [SAMPLE, wrong]), planted)


def held_back(folder: Path, seed: int) -> Attacked:
    """Deliveries of a seed, built one after the other, so that tables hold versions; the seed also
    decides whether providers differ, how many referrals overlap, and how many employers there are.
    """
    made = folder / "deliveries"
    generate(
        ROWS,
        seed,
        made,
        world=("null", "signal")[seed % 2],
        deliveries=DELIVERIES,
        employers=2 + seed % 4,
        referral_overlap_percent=seed % 50,
    )
    paths = [made / f"delivery_{number}" for number in range(1, DELIVERIES + 1)]
    return Attacked(f"seed {seed}", _loaded(folder / "home", paths), {})


def _loaded(home: Path, paths: list[Path]) -> Settings:
    settings = load_settings(home=home)
    for path in paths:
        runs.run_now(settings, verb="run", paths=[path])
    return settings
