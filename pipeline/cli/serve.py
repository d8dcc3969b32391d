"""Start the workbench: `icon-health serve`."""

import os
import sys
from typing import NoReturn

import click

from pipeline.cli.command import verb
from pipeline.config import Settings, python_path


@verb("serve")
@click.option(
    "--port", type=int, default=8501, metavar="PORT", help="Port on 127.0.0.1 (default 8501)."
)
@click.option("--no-sample", is_flag=True, help="Do not build the sample into an empty home.")
def serve(settings: Settings, port: int, no_sample: bool) -> NoReturn:
    """Start the workbench; builds the shipped sample first when nothing is built yet.

    This process becomes the program that serves the pages; the pipeline itself imports no page.
    """
    # -P: a folder called pages where somebody calls the command is not ours
    command = [
        sys.executable,
        "-P",
        "-m",
        "pages.shell.serve",
        "--home",
        str(settings.home),
        "--port",
        str(port),
    ]
    if no_sample:
        command.append("--no-sample")
    os.execve(sys.executable, command, {**os.environ, "PYTHONPATH": python_path()})
