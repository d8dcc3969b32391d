"""The process that serves the pages: Streamlit behind the gate (`python -m pages.shell.server`).

Options of the command line of `pages.shell.serve`, which starts it.
"""

import argparse
import os
import sys
from collections.abc import Sequence

from pages.shell.gate import Gate
from pages.shell.token_door import TokenDoor
from pipeline.config import PROJECT_DIR, Settings, load_settings
from pipeline.services.access.one_time_token import LOCAL_ADDRESS
from pipeline.services.run import runs


def app(settings: Settings, port: int):
    """The workbench as an ASGI application in which every request meets the gate first."""
    import streamlit as st
    from starlette.middleware import Middleware

    door = TokenDoor(settings, port, f"os:{runs.person()}")
    return st.App(PROJECT_DIR / "streamlit_app.py", middleware=[Middleware(Gate, door=door)])


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until told to end."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", required=True)
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args(arguments)
    os.umask(0o077)
    app(load_settings(home=options.home), options.port).run(
        config={
            "server.address": LOCAL_ADDRESS,
            "server.port": options.port,
            "server.headless": True,
            "server.enableAgentApi": False,
            "server.xsrfCookieSameSite": "strict",
            "logger.hideWelcomeMessage": True,
            "global.developmentMode": False,
        }
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
