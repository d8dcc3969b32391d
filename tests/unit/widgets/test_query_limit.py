"""A run of a page that nobody wants any more stops its queries; asking must not swallow the
wish.
"""

import pytest
from streamlit.runtime.scriptrunner import RerunData
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequests, ScriptRequestType

from pages.widgets import query_limit


@pytest.fixture
def requests(monkeypatch):
    made = ScriptRequests()
    context = type("Context", (), {"script_requests": made})()
    monkeypatch.setattr(query_limit, "get_script_run_ctx", lambda **_: context)
    return made


def test_a_run_is_awaited_until_somebody_clicks_on(requests):
    assert query_limit.is_awaited()
    requests.request_rerun(RerunData())
    assert not query_limit.is_awaited()
    assert requests.on_scriptrunner_yield().type == ScriptRequestType.RERUN


def test_a_closed_browser_stops_the_queries(requests):
    requests.request_stop()
    assert not query_limit.is_awaited()


def test_a_part_of_the_page_that_draws_itself_again_stops_nothing(requests):
    requests.request_rerun(RerunData(fragment_id="sidebar"))
    assert query_limit.is_awaited()


def test_outside_of_a_page_everything_is_awaited(monkeypatch):
    monkeypatch.setattr(query_limit, "get_script_run_ctx", lambda **_: None)
    assert query_limit.is_awaited()
