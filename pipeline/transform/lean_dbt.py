"""How dbt is called: silently, and without what it does at every node although nobody looks at it.

dbt makes a protocol buffer of each of about thirty events a node, and builds two parsers of dates
in natural language for each result that it fetches. The outcome is the same without.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from pipeline.config import Settings

#: The events that a build reports; `DbtProject` listens to these.
HEARD = ("NodeStart", "NodeFinished", "MainEncounteredError")


def call_arguments(
    settings: Settings,
    project_dir: Path,
    arguments: Iterable[str],
    variables: Mapping[str, object],
) -> list[str]:
    """A command of dbt as a list: silent, without a log, in the project and home that it is for."""
    return [
        "--quiet",
        "--no-print",
        "--no-use-colors",
        "--log-level",
        "none",
        "--log-level-file",
        "none",
        "--log-path",
        str(settings.dbt_dir / "logs"),
        "--no-send-anonymous-usage-stats",
        "--no-version-check",
        *arguments,
        "--project-dir",
        str(project_dir),
        "--profiles-dir",
        str(project_dir),
        "--target",
        settings.target,
        "--target-path",
        str(settings.dbt_dir / "target"),
        "--vars",
        json.dumps(variables),
    ]


@contextmanager
def lean_dbt(on_lost: Callable[[BaseException], None]) -> Iterator[None]:
    """Inside, dbt tells only the events of `HEARD`, and those that it may have to stop for.

    `on_lost` hears of an exception that ends one of its threads; dbt would wait for it without end.
    """
    from dbt.task.runnable import GraphRunnableTask
    from dbt_common.clients import agate_helper
    from dbt_common.events import event_manager_client

    stock_manager = event_manager_client.get_event_manager()
    stock_tester = agate_helper.build_type_tester
    event_manager_client.ctx_set_event_manager(_quiet_manager())
    agate_helper.build_type_tester = _sharing_types(stock_tester)
    stock_submit = GraphRunnableTask._submit
    setattr(GraphRunnableTask, "_submit", _telling_of_losses(on_lost))  # noqa: B010
    try:
        yield
    finally:
        setattr(GraphRunnableTask, "_submit", stock_submit)  # noqa: B010
        agate_helper.build_type_tester = stock_tester
        event_manager_client.ctx_set_event_manager(stock_manager)


def _telling_of_losses(on_lost: Callable[[BaseException], None]) -> Callable:
    """`GraphRunnableTask._submit` without its silence about a thread that an exception ended."""

    def submit(self, pool, args: list, callback: Callable) -> None:
        def received(result) -> None:
            try:
                callback(result)
            except BaseException as error:  # its text may quote a value: nobody prints it
                on_lost(error)

        pool.apply_async(self.call_runner, args=args, callback=received, error_callback=on_lost)

    return submit


def _quiet_manager():
    from dbt_common.events.base_types import EventLevel
    from dbt_common.events.event_manager import EventManager

    class QuietManager(EventManager):
        def fire_event(self, e, level=None, node=None, force_warn_or_error_handling=False):
            is_warning = (level or e.level_tag()) == EventLevel.WARN
            may_stop = force_warn_or_error_handling or (
                self.require_warn_or_error_handling and is_warning
            )
            if may_stop or self.loggers or type(e).__name__ in HEARD:
                super().fire_event(e, level, node, force_warn_or_error_handling)

    return QuietManager()


def _sharing_types(stock: Callable) -> Callable:
    """`build_type_tester` that makes the types of a result once and not once a result."""
    import agate

    stock_types: dict[tuple[str, ...], list] = {}

    def build(
        text_columns: Iterable[str], string_null_values: Iterable[str] = ("null", "")
    ) -> agate.TypeTester:
        nulls = tuple(string_null_values)
        if nulls not in stock_types:
            stock_types[nulls] = stock((), nulls)._possible_types
        text = stock_types[nulls][-1]
        return agate.TypeTester(force=dict.fromkeys(text_columns, text), types=stock_types[nulls])

    return build
