"""A unit test builds nothing: one that needs dbt belongs to `tests/integration` or `tests/dbt`."""

import signal
from collections.abc import Iterator

import pytest

from pipeline.transform.dbt_project import DbtProject
from pipeline.transform.project import Project


@pytest.fixture(autouse=True)
def no_build(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail the test that lets dbt run in this process."""

    def refuse(self: DbtProject, arguments: list[str], *_: object) -> None:
        pytest.fail(f"a unit test ran dbt: {' '.join(arguments)}")

    monkeypatch.setattr(DbtProject, "_invoke", refuse)
    monkeypatch.setattr(Project, "build", lambda *_, **__: pytest.fail("a unit test ran a build"))


@pytest.fixture
def python_handles_sigint() -> Iterator[None]:
    """A shell starts background jobs with SIGINT ignored; some claims are about a process that
    hears it.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
