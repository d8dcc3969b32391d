"""Call Feast, which lives in an environment of its own: it needs an older pandas than the rest of
the project.
"""

import json
import subprocess
from pathlib import Path

from pipeline.errors import InputRefused, PipelineError

JOB = Path(__file__).with_name("feast_job.py")
#: Longer than any push was seen to take; a network store that hangs must not hang the caller for
#: ever.
TIMEOUT_SECONDS = 1800
HINT = "make feast, or point the setting feast_python to a Python that has it"


def checked_python(python: Path) -> Path:
    """The interpreter of Feast's environment; raises InputRefused when there is none."""
    if not python.is_file():
        raise InputRefused("there is no environment with Feast", str(python), HINT)
    return python


def push(python: Path, repository: Path, first: str, last: str) -> dict:
    """Apply the repository and write the newest rows online; returns what the job says.

    Everything that Feast writes is for the owner only. Raises PipelineError with Feast's own last
    words when it fails.
    """
    try:
        process = subprocess.run(
            [str(checked_python(python)), "-I", str(JOB), str(repository), first, last],
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            umask=0o077,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise PipelineError(
            f"did not end within {TIMEOUT_SECONDS} s",
            "Feast",
            "look whether the online store can be reached",
        ) from error
    if process.returncode:
        last_line = (
            process.stderr.strip().splitlines()[-1].strip() if process.stderr.strip() else ""
        )
        if last_line.endswith("No module named 'feast'"):
            raise InputRefused("has no Feast", str(python), HINT)
        raise PipelineError(
            f"failed: {last_line or f'exit code {process.returncode}'}",
            "Feast",
            f"the repository stands in {repository}",
        )
    return json.loads(process.stdout)
