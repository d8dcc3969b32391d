"""dbt's own pages about models, columns and lineage, as one file of the home.

They hold names, descriptions and statements, nothing that was delivered.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from pipeline.config import Settings
from pipeline.config.project import PROJECT_DIR, python_path
from pipeline.errors import PipelineError


def made_at(settings: Settings) -> Path:
    """Where the pages stand once they were made."""
    return settings.dbt_dir / "docs.html"


def make(settings: Settings) -> Path:
    """Have dbt write the pages anew, all of them or none; raises PipelineError when it cannot."""
    settings.dbt_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.dbt_dir, prefix="docs-") as folder:
        page = write(settings, Path(folder))
        page.chmod(0o600)
        page.replace(made_at(settings))
    return made_at(settings)


def write(settings: Settings, folder: Path) -> Path:
    """Have dbt write the pages, with what they are made from, to a folder; raises PipelineError."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "dbt.cli.main", "--no-send-anonymous-usage-stats"),
            *("docs", "generate", "--static", "--profiles-dir", ".", "--target", settings.target),
            *("--target-path", folder, "--log-path", folder / "log"),
        ],
        cwd=PROJECT_DIR / "icon_dbt",
        env=os.environ | {"ICON_HEALTH_HOME": str(settings.home), "PYTHONPATH": python_path()},
        capture_output=True,
        check=False,
    )
    page = folder / "static_index.html"
    if done.returncode or not page.is_file():
        # what dbt printed may quote a value
        raise PipelineError(
            "dbt could not write its pages", str(settings.home), "load and build first"
        )
    return page
