"""A source is one YAML and one model: a copy of the project to which these two files are added, and
nothing else, has a seventh source everywhere.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.config.project import PROJECT_DIR

HERE = Path(__file__).parent
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv*", "__pycache__", ".*_cache", "screenshots", "target"
)


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    """The copy, with `claims` declared and everything that follows from it written."""
    copy = tmp_path_factory.mktemp("seventh") / "project"
    shutil.copytree(PROJECT_DIR, copy, ignore=LEFT_OUT)
    shutil.rmtree(copy / "data" / "warehouse", ignore_errors=True)
    models = copy / "icon_dbt" / "models"
    (models / "landing_zone" / "claims").mkdir()
    shutil.copy(HERE / "claims.yml", models / "landing_zone" / "claims")
    shutil.copy(HERE / "std_claims.sql", models / "standard_model")
    assert in_copy(copy, "-m", "docs.make").returncode == 0
    return copy


def in_copy(copy: Path, *arguments: str) -> subprocess.CompletedProcess:
    """Run Python in the copy, whose packages come first on the path there."""
    return subprocess.run(
        [sys.executable, *arguments], cwd=copy, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    "tests",
    [
        ("tests/integration/declared/claims_everywhere.py",),
        (
            "tests/dbt/test_landing_zone_rules.py",
            "tests/architecture/test_dbt_layers.py",
            "tests/architecture/test_model_sql.py",
        ),
        ("tests/unit/declared", "tests/unit/ingest/test_recognition.py"),
    ],
    ids=["where a source is seen", "rules and layers", "declarations"],
)
def test_two_files_make_a_source(project, tests):
    done = in_copy(project, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
