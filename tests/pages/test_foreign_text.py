"""Names, reasons and file names come from strangers: no page reads them as markdown, and no chart
as HTML.
"""

import json

import pandas as pd
import pytest

from pages.networks import charts as network_charts
from pages.providers import charts as provider_charts
from pages.tables import charts as table_charts
from pages.widgets import charts
from pages.widgets.formats import plain_value, verbatim
from pipeline.config import load_settings
from pipeline.services.quarantine import decisions
from pipeline.store.control.control_file import open_control
from pipeline.store.sqlite.database import open_warehouse
from tests.pages.conftest import EVERY_VIEW

EVIL = "**evil** <b>b</b> $x$ :material/bug_report: ![i](http://evil.example/i.png)"
LINK = '<a href="http://evil.example">evil</a>'
TEXTS = (
    "markdown",
    "caption",
    "error",
    "info",
    "success",
    "warning",
    "subheader",
    "title",
    "toast",
)


@pytest.fixture
def planted(own_sample_home):
    """A home whose providers, files, runs and decisions carry what a stranger wrote."""
    settings = load_settings(home=own_sample_home)
    decisions.waive(
        settings, "encounters", [decisions.rows(settings, "encounters")[0].row_id], EVIL, EVIL
    )
    with open_warehouse(settings, write=True) as warehouse:
        tables = [
            name
            for (name,) in warehouse.execute("select name from sqlite_master where type = 'table'")
            if "provider_name"
            in {column for _, column, *_ in warehouse.execute(f'pragma table_info("{name}")')}
        ]
        for name in tables:
            warehouse.execute(f'update "{name}" set provider_name = ?', (EVIL,))
        warehouse.execute("update ops_loads set source_file = ?", (EVIL,))
    with open_control(settings) as control:
        control.execute(
            "update ops_runs set requested_by = ?, error = ?, status = 'failed'", (EVIL, EVIL)
        )
    assert "std_providers" in tables
    return own_sample_home


def written(app) -> str:
    """All that a page gives to be read as markdown: texts and labels of buttons."""
    return "\n".join(
        [
            *(element.value for kind in TEXTS for element in app.get(kind)),
            *(button.label for button in app.button),
        ]
    )


@pytest.mark.parametrize(
    ("page", "parameters"),
    [
        ("overview", {}),
        ("upload", {}),
        ("run", {}),
        ("run_history", {}),
        *EVERY_VIEW,
        ("quality", {"run": EVIL}),
        ("providers", {"provider": "first"}),
        ("referrals", {"for": "anybody"}),
        ("tables", {"table": "std_providers", "where": f"provider_name:is:{EVIL}"}),
        ("catalogue", {"model": EVIL}),
    ],
)
def test_no_page_reads_a_name_a_reason_or_a_link_as_markdown(page, parameters, open_page, planted):
    if parameters.get("provider"):
        with open_warehouse(load_settings(home=planted)) as warehouse:
            parameters = {
                "provider": warehouse.execute(
                    "select npi from provider_scorecard order by encounter_count desc"
                ).fetchone()[0]
            }
    app = open_page(page, planted, **parameters)
    assert not app.exception
    text = written(app)
    assert "**evil**" not in text and "<b>b" not in text and "(http://evil" not in text
    if (page, parameters) not in EVERY_VIEW and page in (
        "run_history",
        "run",
        "providers",
        "referrals",
        "tables",
        "quality",
    ):
        assert verbatim(EVIL) in text or verbatim(plain_value(EVIL)) in text, (
            "the text must still be shown"
        )


def test_the_name_of_a_file_in_the_tray_is_no_markdown(open_page, own_sample_home):
    from pipeline.services.upload import tray

    tray.keep(
        load_settings(home=own_sample_home),
        "**evil** $x$.csv",
        iter_bytes(b"no,such,header\n1,2,3\n"),
    )
    text = written(open_page("upload", own_sample_home))
    assert "**evil**" not in text and verbatim("**evil** $x$.csv") in text


def iter_bytes(data: bytes):
    """A stream as the uploader gives it."""
    import io

    return io.BytesIO(data)


def test_no_chart_makes_a_link_of_a_name():
    frame = pd.DataFrame(
        {
            "npi": ["1"],
            "provider_name": [LINK],
            "words": [LINK],
            "observed_to_expected": [1.0],
            "shrunken_ratio": [1.0],
            "shrunken_ratio_low": [0.5],
            "shrunken_ratio_high": [2.0],
            "reliability": [0.5],
            "expected_adverse_event_count": [4.0],
            "funnel_verdict_95": ["in"],
            **{
                f"{side}_count_{width}": [1]
                for side in ("lower", "upper")
                for width in ("95", "998")
            },
            "value": [1.0],
        }
    )
    limits = pd.DataFrame(
        {
            "expected_adverse_event_count": [1.0],
            "overdispersed_low_95": [0.5],
            "overdispersed_high_95": [2.0],
        }
    )
    names = frame["provider_name"]
    figures = [
        charts.bars(frame, "provider_name", "value"),
        table_charts.bars(frame, "provider_name", "value", "", False),
        table_charts.points(frame, "observed_to_expected", "shrunken_ratio", [LINK], ("a", "b")),
        table_charts.line(frame, "words", "value", ("a", "b"), False),
        provider_charts.funnel(frame, limits, "funnel_verdict_95", overdispersed=True),
        provider_charts.estimates(
            frame,
            "observed_to_expected",
            "shrunken_ratio",
            "reliability",
            "",
            "funnel_verdict_95",
            ("shrunken_ratio_low", "shrunken_ratio_high"),
            provider="1",
        ),
        network_charts.ranges(
            names,
            frame["shrunken_ratio_low"],
            frame["observed_to_expected"],
            frame["shrunken_ratio_high"],
            "",
        ),
    ]
    for figure in figures:
        figure_text = json.dumps(figure.to_plotly_json(), default=list)
        assert "evil" in figure_text and "<a " not in figure_text
