"""Start the workbench so that the first visitor sees a page with data, whatever link they follow.

    icon-health [--home DIR] serve [--port N] [--no-sample]

1. Builds the shipped sample when the home holds no load, or what is loaded when nothing was built.
2. Starts the server, behind the gate. 3. Makes one warm-up visit: a folder called pages/ keeps
Streamlit's own page scan armed until the router has run once in the process, and a deep link that
comes before would show a "Page not found" dialog. 4. Only then prints the address, with a token
that lets one browser in.
"""

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from pages.shell import oidc_door
from pages.shell.warm_up import is_listening, log_in, visit
from pipeline.config import load_settings
from pipeline.config.project import PROJECT_DIR
from pipeline.errors import as_pipeline_error
from pipeline.services.access import one_time_token
from pipeline.services.run import runs, status
from pipeline.services.upload import connectors

HOST = one_time_token.LOCAL_ADDRESS
START_SECONDS = 60


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted; the exit code of the server, or of the error that kept it from
    starting.
    """
    options = _parser().parse_args(arguments)
    if is_taken(options.port):
        print(
            f"port {options.port}: another program answers there (choose another port with --port)",
            file=sys.stderr,
        )
        return 1
    try:
        settings = load_settings(home=options.home)
        if options.sample and status.status(settings).build_id is None:
            print("Nothing built yet: building, about half a minute.", flush=True)
            result = runs.run_now(settings, verb="run", paths=runs.sample_if_empty(settings))
            print(f"Built as run {result.run_id}.", flush=True)
    except (Exception, KeyboardInterrupt) as caught:
        error = as_pipeline_error(caught)
        print(error, file=sys.stderr)
        return error.exit_code
    server = start(settings.home, options.port)
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    try:
        wait_until_it_answers(server, options.port)
        starter = one_time_token.new_token(settings, purpose=one_time_token.START)
        visit(HOST, options.port, log_in(starter, options.port))
        one_time_token.note_port(settings, options.port)
        connectors.keep_schedules(settings)
        section = oidc_door.configuration()
        if section is None:
            token = one_time_token.new_token(settings)
            address = one_time_token.login_address(token, options.port)
        else:
            address = section["redirect_uri"].removesuffix(oidc_door.CALLBACK)
        print(f"Icon Health Workbench: {address}", flush=True)
        return server.wait()
    except KeyboardInterrupt:
        return 0
    except TimeoutError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        server.terminate()
        server.wait()


def start(home: Path, port: int) -> subprocess.Popen:
    """The server as a child process, on this machine only."""
    command = [sys.executable, "-m", "pages.shell.server", "--home", str(home), "--port", str(port)]
    return subprocess.Popen(
        command,
        cwd=PROJECT_DIR,
        env=os.environ | {"ICON_HEALTH_HOME": str(home)},
        stdout=subprocess.DEVNULL,
    )


def is_taken(port: int) -> bool:
    """Whether somebody listens on the port; a second workbench there would send its visitors to the
    first one's data.
    """
    return is_listening(HOST, port)


def wait_until_it_answers(
    server: subprocess.Popen, port: int, seconds: float = START_SECONDS
) -> None:
    """Return once the server answers; raises TimeoutError when it ends or does not answer in
    time.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and server.poll() is None:
        if is_listening(HOST, port):
            return
        time.sleep(0.1)
    raise TimeoutError(f"port {port}: the server did not start (choose another port with --port)")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="icon-health serve", description="Start the workbench.")
    parser.add_argument(
        "--home", default=None, help="folder that holds the warehouse (default: the setting home)"
    )
    parser.add_argument("--port", type=int, default=8501, help="port on 127.0.0.1 (default 8501)")
    parser.add_argument(
        "--no-sample",
        dest="sample",
        action="store_false",
        help="do not build the sample into an empty home",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
