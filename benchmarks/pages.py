"""How long each page takes to answer on a home of a given size: the whole script run, in process,
without a browser.

    python -m benchmarks.pages [--rows 1000000] [--home DIR] [--repeats 3] [--seed 7] [--only TEXT]

`first` is a visit after the data changed, with no answer kept; `again` the same visit when the
answers are kept. A line with an action is a run of the page after it, in a session that has the
page open: the action itself was never asked for before. Cells are milliseconds, the median of
`repeats`: by the clock, and for the first visit also by the processor, which other work on the
machine does not lengthen. `slowest` is the longest single run of the line, `costs most` the service
call that took most of the first visit. Without `--home` a home of `rows` encounters is built first.
"""

import argparse
import functools
import importlib
import inspect
import os
import pkgutil
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from types import ModuleType

from benchmarks.page_actions import actions
from benchmarks.visit import SETTINGS, Visit
from pages.widgets import menu
from pipeline import services
from pipeline.config import load_settings
from pipeline.config.project import PROJECT_DIR
from pipeline.services.run import runs
from pipeline.synthetic.generator import generate

BUDGET_MS = 500


@dataclass(frozen=True)
class Timing:
    """Milliseconds of one line, and the service call that took most of its first run."""

    page: str
    action: str
    first: float
    processor: float
    again: float
    slowest: float
    call: str
    call_ms: float


class Meter:
    """Seconds spent in the outermost service calls, by name, while it is installed."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._inside = threading.local()

    def install(self) -> None:
        """Wrap every public function of every service module."""
        for service_module in pkgutil.iter_modules(services.__path__):
            module = importlib.import_module(f"{services.__name__}.{service_module.name}")
            for name, call in inspect.getmembers(module, inspect.isfunction):
                if call.__module__ == module.__name__ and not name.startswith("_"):
                    setattr(module, name, self._timed(module, call))

    def _timed(self, module: ModuleType, call):
        name = f"{module.__name__.rpartition('.')[2]}.{call.__name__}"

        @functools.wraps(call)
        def timed(*arguments, **named):
            if getattr(self._inside, "depth", 0):
                return call(*arguments, **named)
            self._inside.depth, started = 1, perf_counter()
            try:
                return call(*arguments, **named)
            finally:
                self._inside.depth = 0
                self.seconds[name] = self.seconds.get(name, 0.0) + perf_counter() - started

        return timed


def run(app) -> tuple[float, float]:
    """Run the script once; milliseconds by the clock and by the processor.

    Raises RuntimeError when the page fails, or tells an error instead of an answer.
    """
    started, worked = perf_counter(), process_time()
    app.run()
    took = ((perf_counter() - started) * 1000, (process_time() - worked) * 1000)
    for element in (*app.exception, *app.error):
        raise RuntimeError(f"{app.title[0].value if app.title else 'the page'}: {element.value}")
    return took


def opened(visit: Visit):
    """A session that is about to go from the plainest page to the page of a visit; no answer is
    kept from any other.
    """
    import streamlit as st
    from streamlit.testing.v1 import AppTest

    app = AppTest.from_file(str(PROJECT_DIR / "streamlit_app.py"), default_timeout=600).switch_page(
        SETTINGS
    )
    run(app)
    st.cache_data.clear()
    app.switch_page(visit.script)
    for name, value in visit.address.items():
        app.query_params[name] = value
    return app


def measured(visit: Visit, title: str, repeats: int, meter: Meter) -> Timing:
    """One line of the table."""
    first, again, calls = [], [], []
    for _ in range(repeats):
        app = opened(visit)
        if visit.session:
            run(app)
            for key, value in visit.session.items():
                app.session_state[key] = value
        meter.seconds.clear()
        first.append(run(app))
        calls.append(dict(meter.seconds))
        again.append(run(app)[0])
    spent = {name: median(call.get(name, 0.0) for call in calls) for call in calls for name in call}
    costly = max(spent, key=spent.get, default="")
    clock, processor = zip(*first, strict=True)
    return Timing(
        title,
        visit.action,
        median(clock),
        median(processor),
        median(again),
        max(*clock, *again),
        costly,
        spent.get(costly, 0.0) * 1000,
    )


def visits(home: Path) -> list[tuple[str, Visit]]:
    """Title and visit of every line: each page of the menu as it opens, then what people do on
    it.
    """
    page_actions = actions(load_settings(home=home))
    return [
        (screen.title, visit)
        for screen in menu.ENTRIES
        for visit in (
            Visit(screen.script),
            *(action for action in page_actions if action.script == screen.script),
        )
    ]


def measure(home: Path, repeats: int, only: str = "") -> list[Timing]:
    """Every line whose page or action holds `only`, on a home that has been built."""
    from streamlit import config

    os.environ["ICON_HEALTH_HOME"] = str(home)
    config.get_config_options()
    config._set_option("runner.enforceSerializableSessionState", False, "benchmark")
    config._set_option("client.showErrorDetails", "full", "benchmark")
    meter = Meter()
    meter.install()
    run(opened(Visit(menu.ENTRIES[0].script)))
    return [
        measured(visit, title, repeats, meter)
        for title, visit in visits(home)
        if only.lower() in f"{title} {visit.action}".lower()
    ]


def as_table(timings: Sequence[Timing]) -> str:
    """The timings as a markdown table; what is over the budget is set in bold."""
    lines = [
        "| page | action | first | processor | again | slowest | costs most |",
        "|---|---|---:|---:|---:|---:|---|",
    ]
    for timing in timings:
        cells = [
            f"**{value:,.0f}**" if value > BUDGET_MS else f"{value:,.0f}"
            for value in (timing.first, timing.processor, timing.again, timing.slowest)
        ]
        call = f"`{timing.call}` {timing.call_ms:,.0f}" if timing.call_ms >= 10 else ""
        lines.append(f"| {timing.page} | {timing.action} | {' | '.join(cells)} | {call} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; returns 1 when a line is over the budget."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.pages", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--rows", type=int, default=1_000_000, help="encounters of the home")
    parser.add_argument("--home", type=Path, help="a home that is built already")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--only", default="", help="lines whose page or action holds this text")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        home = options.home
        if home is None:
            generate(options.rows, options.seed, Path(folder) / "data")
            home = Path(folder) / "home"
            runs.run_now(load_settings(home=home), verb="run", paths=[Path(folder) / "data"])
        timings = measure(home, options.repeats, options.only)
    print(as_table(timings))
    return 1 if any(timing.slowest > BUDGET_MS for timing in timings) else 0


if __name__ == "__main__":
    sys.exit(main())
