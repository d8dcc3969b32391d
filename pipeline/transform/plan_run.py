"""Carry out one planned call: send dbt's statements in dbt's order, and stop where the database
answers something that no recorded conversation has.
"""

import sqlite3
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.declared.layers import Layer
from pipeline.transform.build_plan import PlannedCall
from pipeline.transform.conversation import Conversation
from pipeline.transform.interrupts import noted_interrupts
from pipeline.transform.one_transaction import SharedTransaction, TransactionOver
from pipeline.transform.project_index import IndexedNode, ProjectIndex
from pipeline.transform.records import NodeResult, StepResult

NodeListener = Callable[[NodeResult], None]

#: SQLite's reasons that lie in the machine and not in a statement: dbt would meet them too.
MACHINE = (
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_INTERRUPT,
)


class PlanDeviates(Exception):
    """The plan does not lead on from here: dbt has to build. `layer` and `node` say where."""

    def __init__(self, layer: Layer, node: str, reason: str) -> None:
        self.layer, self.node = layer, node
        super().__init__(f"{node}: {reason}")


class PlanRun:
    """One planned call on the transaction of a run."""

    def __init__(
        self,
        transaction: SharedTransaction,
        index: ProjectIndex,
        layer: Layer,
        on_node: NodeListener | None,
    ) -> None:
        self._transaction, self._index = transaction, index
        self._layer, self._on_node = layer, on_node
        self._finished: list[NodeResult] = []

    def carry_out(self, call: PlannedCall) -> StepResult:
        """Run all nodes; raises PlanDeviates at an answer that is not known, at a statement that
        fails and at a test that fails with severity error.

        The statements run in a thread of their own, so that a signal reaches this one at once.
        Raises what the signal's handler raises, and sqlite3.Error when the machine fails.
        """
        failure: list[BaseException] = []

        def work() -> None:
            try:
                for node in call.nodes:
                    self._run(node, call.conversations[node])
            except BaseException as error:  # handed to the thread that waits
                failure.append(error)

        started = time.monotonic()
        worker = threading.Thread(target=work, name=f"plan of {self._layer.label}", daemon=True)
        with noted_interrupts() as interrupts:
            worker.start()
            try:
                while worker.is_alive():
                    worker.join(0.05)
            except BaseException:
                self._transaction.connection.interrupt()
                worker.join()
                raise
        if interrupts:
            raise KeyboardInterrupt
        if failure:
            raise failure[0]
        return StepResult(
            self._layer.label,
            "success",
            time.monotonic() - started,
            tuple(self._finished),
            by="plan",
        )

    def _run(self, node: str, known: list[Conversation]) -> None:
        if not known[0].outcome:
            self._converse(node, known, is_test=False)
            return
        indexed = self._index.nodes.get(node)
        kind, name = (indexed.kind, indexed.name) if indexed else (known[0].outcome["kind"], node)
        started_at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self._tell(NodeResult(node, name, self._layer.label, kind, "running", started_at))
        started = time.monotonic()
        standing = self._temporary_tables()
        row = self._converse(node, known, is_test=kind == "test")
        self._drop(self._temporary_tables() - standing)
        result = NodeResult(
            node,
            name,
            self._layer.label,
            kind,
            started_at=started_at,
            seconds=time.monotonic() - started,
            **(self._verdict(indexed, row) if indexed and kind == "test" else _outcome(known[0])),
        )
        self._finished.append(result)
        self._tell(result)
        if result.status == "error":
            raise PlanDeviates(self._layer, name, result.message or "failed")

    def _converse(
        self, node: str, known: list[Conversation], is_test: bool
    ) -> tuple[Any, ...] | None:
        """Hold one of the conversations; returns the answer to the last question, if any."""
        place, answer = 0, None
        while True:
            if all(place == len(one.turns) for one in known):
                return answer
            if any(place == len(one.turns) for one in known):
                raise PlanDeviates(self._layer, node, "two conversations end at different places")
            turn = known[0].turns[place]
            if any(
                (one.turns[place].sql, one.turns[place].parameters) != (turn.sql, turn.parameters)
                for one in known
            ):
                raise PlanDeviates(self._layer, node, "two conversations part without a question")
            rows = self._execute(node, turn.sql, turn.parameters)
            if turn.answer is not None:
                answer = rows[0] if rows else None
                if not is_test:
                    known = [one for one in known if one.turns[place].answer == rows]
                    if not known:
                        raise PlanDeviates(
                            self._layer, node, "an answer that dbt has not heard yet"
                        )
            place += 1

    def _execute(self, node: str, sql: str, parameters: tuple[Any, ...]) -> tuple[tuple, ...]:
        connection = self._transaction.connection
        with self._transaction.lock:
            is_over = self._transaction.is_over or self._transaction.is_refused
            if is_over or not connection.in_transaction:
                raise TransactionOver("the transaction of this run is over")
            try:
                return tuple(connection.execute(sql, parameters).fetchall())
            except sqlite3.Error as error:
                code = getattr(error, "sqlite_errorcode", 0) & 0xFF
                if code in MACHINE or not connection.in_transaction:
                    raise
                raise PlanDeviates(self._layer, node, "a statement fails") from error

    def _verdict(self, test: IndexedNode, row: tuple[Any, ...] | None) -> dict[str, Any]:
        if row is None:
            raise PlanDeviates(self._layer, test.name, "a test without an answer")
        return verdict_of(test, row)

    def _temporary_tables(self) -> set[str]:
        with self._transaction.lock:
            return self._transaction.temporary_tables()

    def _drop(self, names: set[str]) -> None:
        for name in names:
            self._transaction.connection.execute(f'drop table if exists temp."{name}"')

    def _tell(self, result: NodeResult) -> None:
        if self._on_node:
            self._on_node(result)


def verdict_of(test: IndexedNode, row: tuple[Any, ...]) -> dict[str, Any]:
    """What a test's row (failures, should_warn, should_error) means, as dbt's own runner says."""
    failures, should_warn, should_error = int(row[0]), _is_true(row[1]), _is_true(row[2])
    if test.severity.upper() == "ERROR" and should_error:
        return {"status": "error", "failures": failures, "message": None}
    if should_warn:
        results = f"{failures} result" if failures == 1 else f"{failures} results"
        return {
            "status": "warn",
            "failures": failures,
            "message": f"Got {results}, configured to warn if {test.warn_if}",
        }
    return {"status": "success", "failures": 0, "message": None}


def _is_true(value: Any) -> bool:
    """A truth of the database, which may come as a word; raises ValueError for another word."""
    if isinstance(value, str):
        return {"true": True, "false": False, "1": True, "0": False}[value.lower()]
    return bool(value)


def write_compiled(call: PlannedCall, target_dir: Path) -> None:
    """Leave the compiled statements of the call where dbt would have left them."""
    for name, sql in call.compiled.items():
        path = target_dir / name
        if not path.exists() or path.read_text(encoding="utf-8") != sql:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(sql, encoding="utf-8")


def _outcome(conversation: Conversation) -> dict[str, Any]:
    return {name: conversation.outcome[name] for name in ("status", "failures", "message")}
