"""serve: start the workbench; login: let a browser in; worker: carry out what is asked for."""

import os
import sys
from typing import NoReturn

import click

from pipeline.cli.command import Answer, verb
from pipeline.config import Settings
from pipeline.config.project import python_path
from pipeline.errors import InputRefused
from pipeline.services.access import one_time_token


@verb("serve")
@click.option(
    "--port", type=int, default=8501, metavar="PORT", help="Port on 127.0.0.1 (default 8501)."
)
@click.option("--no-sample", is_flag=True, help="Do not build the sample into an empty home.")
def serve(settings: Settings, port: int, no_sample: bool) -> NoReturn:
    """Start the workbench; builds the shipped sample first when nothing is built yet.

    The address that it prints lets one browser of this machine in, once. This process becomes the
    program that serves the pages; the pipeline itself imports no page.
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


@verb("worker")
def worker(settings: Settings) -> Answer:
    """Carry out queued runs and scheduled syncs until it is stopped (SIGTERM, Ctrl+C).

    `serve` and whoever asks for something start a worker by themselves; this one is for a service
    that begins with the machine. It says what it does on stderr.
    """
    from pipeline.services.run import worker as service

    service.carry_out(settings)
    return Answer({"worker": "ended"}, ("another worker of this home lives",))


@verb("login")
@click.option(
    "--port",
    type=int,
    default=None,
    metavar="PORT",
    help="Port of the workbench (default: its last).",
)
def login(settings: Settings, port: int | None) -> Answer:
    """Print an address that lets one browser of this machine into the running workbench, once."""
    at = port or one_time_token.served_port(settings)
    if at is None:
        raise InputRefused(
            "is not served", str(settings.home), "start it with icon-health serve, or give --port"
        )
    address = one_time_token.login_address(one_time_token.new_token(settings), at)
    return Answer({"address": address}, (f"Icon Health Workbench: {address}",))
