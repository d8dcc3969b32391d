"""Start the workbench: `icon-health serve`."""

import os
import sys
from argparse import Namespace
from typing import NoReturn

from pipeline.config import Settings


def serve(settings: Settings, arguments: Namespace) -> NoReturn:
    """Become the program that serves the pages; the pipeline itself imports no page."""
    command = [
        sys.executable,
        "-m",
        "pages.shell.serve",
        "--home",
        str(settings.home),
        "--port",
        str(arguments.port),
    ]
    os.execv(sys.executable, [*command, *(["--no-sample"] if arguments.no_sample else [])])
