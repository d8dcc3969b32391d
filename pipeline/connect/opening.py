"""A connection to a source, made when it is needed and again when it broke. The libraries of a kind
are imported here and only now.
"""

import time
from collections.abc import Callable
from types import TracebackType
from typing import TypeVar

from pipeline.connect.connector import Connector
from pipeline.connect.definition import Definition
from pipeline.connect.failures import SourceFailed, quiet_libraries
from pipeline.connect.patience import with_patience
from pipeline.errors import InputRefused

Answer = TypeVar("Answer")


class Connection:
    """A connector with patience: what fails and may pass is tried again on a new connection."""

    def __init__(self, definition: Definition, sleep: Callable[[float], None] = time.sleep) -> None:
        self._definition, self._sleep = definition, sleep
        self._connector: Connector | None = None

    def __enter__(self) -> "Connection":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def ask(self, question: Callable[[Connector], Answer]) -> Answer:
        """The answer of the connector. Raises SourceFailed, and InputRefused when a library or the
        variable of a secret is missing.
        """

        def attempt() -> Answer:
            if self._connector is None:
                self._connector = opened(self._definition)
            try:
                return question(self._connector)
            except SourceFailed:
                self._close()
                raise

        return with_patience(attempt, sleep=self._sleep)

    def _close(self) -> None:
        connector, self._connector = self._connector, None
        if connector is not None:
            connector.close()


def opened(definition: Definition) -> Connector:
    """The connector of a definition; raises as `Connection.ask`."""
    quiet_libraries()
    try:
        return _open(definition)
    except ModuleNotFoundError as missing:
        raise InputRefused(
            f"takes the package {missing.name}, which is not installed",
            definition.shown,
            "pip install 'icon-health-workbench[connect]'",
        ) from None


def _open(definition: Definition) -> Connector:
    if definition.reader == "folder":
        from pipeline.connect.folder import Folder

        return Folder(definition)
    if definition.reader == "table":
        from pipeline.connect.tables import Table

        return Table(definition)
    if definition.scheme in ("http", "https"):
        from pipeline.connect.http_files import HttpFiles

        return HttpFiles(definition)
    from pipeline.connect.files import Files

    return Files(definition)
