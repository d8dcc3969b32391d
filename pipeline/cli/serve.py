"""Start the workbench: `icon-health serve`."""

import os
import sys
from argparse import Namespace
from typing import NoReturn

from pipeline.config import Settings, python_path


def serve(settings: Settings, arguments: Namespace) -> NoReturn:
    """Become the program that serves the pages; the pipeline itself imports no page."""
    # -P: a folder called pages where somebody calls the command is not ours
    command = [
        sys.executable,
        "-P",
        "-m",
        "pages.shell.serve",
        "--home",
        str(settings.home),
        "--port",
        str(arguments.port),
    ]
    if arguments.no_sample:
        command.append("--no-sample")
    os.execve(sys.executable, command, {**os.environ, "PYTHONPATH": python_path()})
