"""The process that serves the pages: Streamlit behind the gate (`python -m pages.shell.server`).

Options of the command line of `pages.shell.serve`, which starts it.
"""

import argparse
import logging
import os
import sys
from collections.abc import Sequence

from pages.shell import dbt_docs, front_door, oidc_door
from pages.shell.gate import Gate
from pages.shell.token_door import TokenDoor
from pipeline.config import Settings, load_settings
from pipeline.config.project import PROJECT_DIR
from pipeline.services.access import actors, audit
from pipeline.services.access.one_time_token import LOCAL_ADDRESS


def app(settings: Settings, port: int):
    """The workbench as an ASGI application in which every request meets the gate first, and the
    names under which it answers.
    """
    import streamlit as st
    from starlette.middleware import Middleware

    section = oidc_door.configuration()
    subject = actors.os_user().subject
    door: TokenDoor = TokenDoor(settings, port, subject)
    if section is not None:
        door = oidc_door.OidcDoor(settings, port, subject, section)
    return st.App(
        PROJECT_DIR / "streamlit_app.py",
        routes=[dbt_docs.route(settings)],
        middleware=[Middleware(Gate, door=door)],
    ), door.names


def is_no_advice_to_restart(record: logging.LogRecord) -> bool:
    """False for the advice to restart for options with which the server is just being started."""
    return "config option section was detected" not in record.getMessage()


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until told to end."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", required=True)
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args(arguments)
    os.umask(0o077)
    settings = load_settings(home=options.home)
    audit.note_settings(settings)
    workbench, names = app(settings, options.port)
    actors.set_source(front_door.who_asks)
    logging.getLogger("streamlit.config").addFilter(is_no_advice_to_restart)
    workbench.run(
        config={
            "server.allowedHosts": list(names),
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
