"""A backup taken at any moment is one published state, and a home restored from it goes on as the
one it was taken of.
"""

import shutil
import sqlite3
import subprocess
import sys
import time

import pytest

from pipeline.config import load_settings
from pipeline.config.project import PROJECT_DIR
from pipeline.errors import InputRefused
from pipeline.services.run import runs
from pipeline.services.settings import backup as service
from tests.warehouse import query

DAYS = ("2031-01-01", "2032-02-02")


def published(home):
    """Names and rows of every table but the histories of features and of training
    rows, which hold what each build added; and what the build says of itself.
    """
    names = query(
        home,
        "select name from sqlite_master where type = 'table' and name not like 'ops_%' "
        "and name not like 'feat_%' and name not like 'training_%'",
    )
    counts = [(name, *query(home, f'select count(*) from "{name}"')[0]) for (name,) in names]
    return sorted(counts), query(home, "select build_id, as_of from ops_build")


def build(home, as_of):
    words = ("-m", "pipeline", "--home", str(home), "build", "--as-of", as_of, "--full-refresh")
    return subprocess.Popen(
        [sys.executable, *words],
        cwd=PROJECT_DIR,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def test_backups_while_a_home_is_built_are_whole_and_go_on(sample_home, tmp_path):
    home = tmp_path / "home"
    shutil.copytree(sample_home, home)
    settings, states, taken = load_settings(home=home), [], []
    for day in DAYS:
        states.append(published(home))
        process = build(home, day)
        while process.poll() is None:
            place = tmp_path / f"backup-{len(taken)}"
            service.back_up(settings, place)
            taken.append(place)
            time.sleep(1)
        assert process.returncode == 0
    states.append(published(home))
    assert len(taken) > 3

    for number, place in enumerate(taken[:: max(1, len(taken) // 4)]):
        restored = load_settings(home=tmp_path / f"restored-{number}")
        service.restore(restored, place)
        assert published(restored.home) in states
        assert runs.active(restored) is None
        assert runs.run_now(restored, as_of=DAYS[-1], full_refresh=True).status == "succeeded"
        assert published(restored.home) == states[-1]
        kept = {file.name for file in (home / "delivered").iterdir()}
        assert {file.name for file in (restored.home / "delivered").iterdir()} == kept


def test_a_backup_holds_every_file_of_a_home_that_no_run_can_make_again(sample_home, tmp_path):
    home = tmp_path / "home"
    shutil.copytree(sample_home, home)
    (home / "tray" / "a").mkdir(parents=True)
    (home / "tray" / "a" / "waiting.csv").write_text("patient_id\n")
    (home / "anything").write_bytes(b"\0key")
    settings = load_settings(home=home)
    service.back_up(settings, tmp_path / "backup")
    restored = load_settings(home=tmp_path / "restored")
    service.restore(restored, tmp_path / "backup")

    def others(folder):
        return {
            str(file.relative_to(folder)): file.read_bytes()
            for file in folder.rglob("*")
            if file.is_file()
            and file.suffix not in (".db", ".lock", ".log")
            and file.relative_to(folder).parts[0] not in ("dbt", "rules")
            and not file.name.endswith(("-wal", "-shm"))
        }

    assert others(restored.home) == others(home)
    modes = {file.stat().st_mode & 0o077 for file in restored.home.rglob("*")}
    assert modes == {0} and restored.home.stat().st_mode & 0o077 == 0


def test_nothing_is_overwritten_and_no_changed_backup_is_put_back(sample_home, tmp_path):
    settings = load_settings(home=sample_home)
    place = tmp_path / "backup"
    made = service.back_up(settings, place)
    with pytest.raises(InputRefused, match="not empty"):
        service.back_up(settings, place)
    with pytest.raises(InputRefused, match="not empty"):
        service.restore(settings, place)
    with pytest.raises(InputRefused, match="inside"):
        service.back_up(settings, sample_home / "backup")
    with pytest.raises(InputRefused, match="no backup"):
        service.restore(load_settings(home=tmp_path / "other"), tmp_path)

    for file in made.files:
        changed = tmp_path / "changed"
        shutil.copytree(place, changed)
        with open(changed / file.path, "r+b") as stream:
            stream.seek(file.bytes // 2)
            byte = stream.read(1)
            stream.seek(file.bytes // 2)
            stream.write(bytes([byte[0] ^ 1]))
        other = load_settings(home=tmp_path / "other")
        with pytest.raises(InputRefused, match="not as it was"):
            service.restore(other, changed)
        assert not other.home.exists()
        shutil.rmtree(changed)


def test_a_damaged_home_is_not_taken_for_a_backup(sample_home, tmp_path):
    home = tmp_path / "home"
    shutil.copytree(sample_home, home)
    (root,) = query(home, "select rootpage from sqlite_master where name = 'fct_encounter'")[0]
    with open(home / "icon_health.db", "r+b") as file:
        (size,) = sqlite3.connect(home / "control.db").execute("pragma page_size").fetchone()
        file.seek((root - 1) * size)
        file.write(b"\xff" * size)
    with pytest.raises(Exception, match="damaged"):
        service.back_up(load_settings(home=home), tmp_path / "backup")
    assert not (tmp_path / "backup").exists()
