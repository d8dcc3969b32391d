"""A home is made once for all who ask for it, in this run and the next."""

import pytest

from tests import homes
from tests.homes import HomeStore


@pytest.fixture
def made(monkeypatch) -> list[str]:
    monkeypatch.setattr(homes, "_state", lambda: "2026-01-01-0123456789abcdef")
    return []


def store(tmp_path, run: str) -> HomeStore:
    return HomeStore(tmp_path / "kept", tmp_path / run)


def making(made: list[str], text: str = "built"):
    def make(home):
        made.append(home.name)
        home.mkdir()
        (home / "icon_health.db").write_text(text)

    return make


def test_workers_of_one_run_share_a_folder_and_the_next_run_takes_a_copy(tmp_path, made):
    first = store(tmp_path, "run_1").once("sample", making(made))
    assert store(tmp_path, "run_1").once("sample", making(made)) == first
    second = store(tmp_path, "run_2").once("sample", making(made))
    assert len(made) == 1 and second != first
    (first / "icon_health.db").write_text("changed by a test")
    assert (second / "icon_health.db").read_text() == "built"
    assert (
        store(tmp_path, "run_3").once("sample", making(made)) / "icon_health.db"
    ).read_text() == ("built")


def test_another_state_of_the_product_makes_it_again(tmp_path, made, monkeypatch):
    store(tmp_path, "run_1").once("sample", making(made))
    monkeypatch.setattr(homes, "_state", lambda: "2026-01-02-0123456789abcdef")
    store(tmp_path, "run_2").once("sample", making(made))
    assert len(made) == 2


def test_only_the_newest_states_are_kept(tmp_path, made, monkeypatch):
    for day in range(1, homes.KEPT_STATES + 3):
        monkeypatch.setattr(homes, "_state", lambda day=day: f"2026-01-{day:02}-0123456789abcdef")
        store(tmp_path, f"run_{day}").once("sample", making(made))
    kept = [path for path in (tmp_path / "kept").iterdir() if path.is_dir()]
    assert len(kept) == homes.KEPT_STATES


def test_a_home_whose_making_failed_is_made_by_whoever_asks_next(tmp_path, made):
    def fail(home):
        home.mkdir()
        raise RuntimeError("no space")

    with pytest.raises(RuntimeError):
        store(tmp_path, "run_1").once("sample", fail)
    home = store(tmp_path, "run_1").once("sample", making(made))
    assert (home / "icon_health.db").read_text() == "built"
