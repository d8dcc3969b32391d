"""A backup that somebody wrote or changed: it is put back as it says, or refused with a reason."""

import hashlib
import json
import os
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings

from pipeline.config import load_settings
from pipeline.errors import InputRefused
from pipeline.store import backup

CONTENT = b"rows"
DIGEST = hashlib.sha256(CONTENT).hexdigest()
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=6,
)
PATHS = st.sampled_from(
    ["kept", "", ".", "/", "..", "kept/x", "a/../../x", "kept\0", "link", "pipe"]
)
FILE = st.fixed_dictionaries(
    {},
    optional={
        "path": PATHS | ANYTHING,
        "bytes": st.just(len(CONTENT)) | ANYTHING,
        "sha256": st.just(DIGEST) | ANYTHING,
    },
)
MANIFESTS = ANYTHING | st.fixed_dictionaries(
    {"made_at": st.just("2026-01-02") | ANYTHING, "version": st.just("1") | ANYTHING},
    optional={"files": ANYTHING | st.lists(FILE | ANYTHING, max_size=3)},
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("written") / "backup"
    folder.mkdir()
    (folder / "kept").write_bytes(CONTENT)
    (folder.parent / "elsewhere").mkdir()
    (folder.parent / "elsewhere" / "secret").write_bytes(CONTENT)
    os.symlink(folder.parent / "elsewhere" / "secret", folder / "link")
    os.symlink(folder.parent / "elsewhere", folder / "folder")
    os.mkfifo(folder / "pipe")
    return folder


def restored(folder: Path, manifest: object) -> list[str] | None:
    """What lies in the new home; None when the backup was refused, and then there is none."""
    (folder / backup.MANIFEST).write_text(json.dumps(manifest))
    home = folder.parent / "home"
    try:
        backup.restore(load_settings(home=home), folder)
    except InputRefused:
        assert [each.name for each in folder.parent.iterdir() if "home" in each.name] == []
        return None
    names = sorted(str(file.relative_to(home)) for file in home.rglob("*"))
    for name in names:
        (home / name).unlink()
    home.rmdir()
    return names


def manifest(*paths: str) -> dict:
    files = [{"path": path, "bytes": len(CONTENT), "sha256": DIGEST} for path in paths]
    return {"made_at": "2026-01-02", "version": "1", "files": files}


@hypothesis_settings(max_examples=300)
@given(MANIFESTS)
def test_whatever_a_manifest_says_nothing_but_its_files_arrives(folder, written):
    assert restored(folder, written) in (None, ["kept"])


@pytest.mark.parametrize(
    "path", ["link", "folder/secret", "pipe", "kept/x", "", ".", "../backup/kept"]
)
def test_only_files_that_lie_in_the_backup_are_put_back(folder, path):
    assert restored(folder, manifest("kept")) == ["kept"]
    assert restored(folder, manifest("kept", path)) is None


def test_a_home_with_a_pipe_is_backed_up_and_never_into_itself(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    os.mkfifo(home / "pipe")
    (home / "kept").write_bytes(CONTENT)
    os.symlink(home, tmp_path / "alias")
    made = backup.back_up(load_settings(home=home), tmp_path / "backup")
    assert [file.path for file in made.files] == ["kept"]
    for name, inside in (("home", "alias"), ("alias", "home"), ("alias", "alias")):
        with pytest.raises(InputRefused, match="inside"):
            backup.back_up(load_settings(home=tmp_path / name), tmp_path / inside / "copy")
    assert sorted(os.listdir(home)) == ["kept", "pipe"]
