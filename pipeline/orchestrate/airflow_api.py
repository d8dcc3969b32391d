"""Airflow 3 by its REST API (version 2): the last runs of the DAG that builds, and a new one.

Who asks is said by the environment: ICON_AIRFLOW_TOKEN, or ICON_AIRFLOW_USER and
ICON_AIRFLOW_PASSWORD, for which Airflow gives a token. What a server answers is no part of an
error: it may quote what it was sent.
"""

import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPException
from typing import Any
from urllib.parse import quote, urlsplit

from pipeline.config.project import project_version
from pipeline.errors import PipelineError

DAG = "icon_health_pipeline"
PATH = f"/api/v2/dags/{DAG}"
TOKEN, USER, PASSWORD = "ICON_AIRFLOW_TOKEN", "ICON_AIRFLOW_USER", "ICON_AIRFLOW_PASSWORD"
TIMEOUT_SECONDS = 3.0
LARGEST_ANSWER = 4 * 1024 * 1024
#: Status -> what it means here, and what to do.
MEANINGS = {
    401: ("does not know the login", f"check {TOKEN}, or {USER} and {PASSWORD}"),
    403: ("does not let this login do that", "give it a role that may read and trigger the DAG"),
    404: (f"has no DAG {DAG}", "put dags/icon_health.py into its folder of DAGs"),
    409: ("has a run of this id already", "look again"),
}


class AirflowFailed(PipelineError):
    """Airflow cannot be reached, or does not do what it was asked."""


@dataclass(frozen=True)
class DagRun:
    """One run of the DAG; moments are UTC, None for what has not come yet."""

    dag_run_id: str
    state: str
    run_after: str | None
    started_at: str | None
    finished_at: str | None
    seconds: float | None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A token that is meant for one address goes to no other."""

    def redirect_request(self, *arguments: object, **named: object) -> None:
        """Follow none."""
        return None


class Airflow:
    """One Airflow, logged in; each call raises AirflowFailed when it does not answer as asked."""

    def __init__(self, address: str) -> None:
        self._address = address
        with self._in_our_words():
            self._token = os.environ.get(TOKEN) or self._new_token()

    def is_paused(self) -> bool:
        """Whether the DAG starts none of its runs until somebody unpauses it."""
        with self._in_our_words():
            return bool(self._ask(PATH)["is_paused"])

    def newest(self, limit: int) -> tuple[DagRun, ...]:
        """The newest runs of the DAG first."""
        with self._in_our_words():
            answer = self._ask(f"{PATH}/dagRuns?order_by=-run_after&limit={limit}")
            return tuple(map(_dag_run, answer["dag_runs"]))

    def trigger(self, dag_run_id: str, conf: Mapping[str, object]) -> DagRun:
        """A new run of the DAG under this id; Airflow refuses the same id a second time."""
        body = {"dag_run_id": dag_run_id, "logical_date": None, "conf": dict(conf)}
        with self._in_our_words():
            return _dag_run(self._ask(f"{PATH}/dagRuns", body))

    def _new_token(self) -> str:
        user, password = os.environ.get(USER), os.environ.get(PASSWORD)
        if not user or not password:
            raise AirflowFailed(
                "the workbench has no login",
                self._address,
                f"set {TOKEN}, or {USER} and {PASSWORD}",
            )
        login = {"username": user, "password": password}
        return str(_answer(f"{self._address}/auth/token", {}, login)["access_token"])

    def _ask(self, path: str, body: Mapping[str, object] | None = None) -> dict[str, Any]:
        return _answer(self._address + path, {"Authorization": f"Bearer {self._token}"}, body)

    @contextmanager
    def _in_our_words(self) -> Iterator[None]:
        try:
            yield
        except urllib.error.HTTPError as error:
            what, hint = MEANINGS.get(
                error.code, (f"answers {error.code}", "look into the log of Airflow")
            )
            raise AirflowFailed(f"Airflow {what}", self._address, hint) from error
        except (OSError, HTTPException) as error:
            why = type(getattr(error, "reason", error)).__name__
            raise AirflowFailed(
                f"Airflow cannot be reached ({why})",
                self._address,
                "check the setting airflow_url, and whether Airflow runs",
            ) from error
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise AirflowFailed(
                "the answer is not that of Airflow 3",
                self._address,
                "check the setting airflow_url",
            ) from error


def address_of(base: str, dag_run_id: str) -> str:
    """Where a person sees a run of the DAG."""
    return f"{base}/dags/{DAG}/runs/{quote(dag_run_id, safe='')}"


def _answer(
    address: str, headers: Mapping[str, str], body: Mapping[str, object] | None
) -> dict[str, Any]:
    request = urllib.request.Request(
        address,
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "Content-Type": "application/json",
            "User-Agent": f"icon-health/{project_version()}",
            **headers,
        },
    )
    host = urlsplit(address).hostname
    # what goes to this machine goes through no proxy
    is_local = host in ("127.0.0.1", "::1", "localhost")
    proxies = [urllib.request.ProxyHandler({})] if is_local else []
    opener = urllib.request.build_opener(_NoRedirect, *proxies)
    with opener.open(request, timeout=TIMEOUT_SECONDS) as response:
        return json.loads(response.read(LARGEST_ANSWER))


def _dag_run(answer: Mapping[str, Any]) -> DagRun:
    seconds = answer["duration"]
    return DagRun(
        str(answer["dag_run_id"]),
        str(answer["state"]),
        _moment(answer["run_after"]),
        _moment(answer["start_date"]),
        _moment(answer["end_date"]),
        None if seconds is None else float(seconds),
    )


def _moment(text: str | None) -> str | None:
    return None if text is None else datetime.fromisoformat(text).isoformat()
