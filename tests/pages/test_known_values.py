"""No page tells an identifier, a date of birth or a home of a patient, in whatever it sends to the
browser: texts, cells, charts, tooltips, labels, addresses.

The pages are those of the menu, the values all that silver knows of patients; a page added tomorrow
is read like the others.
"""

import base64
import io
import re

import pandas as pd
import pytest

from benchmarks.disclosure.identity import TOKEN, known_values
from pipeline.config import load_settings
from pipeline.services.tables import visible
from pipeline.store.sqlite.database import open_warehouse
from tests.pages.conftest import EVERY_VIEW, PAGES
from tests.warehouse import query


@pytest.fixture(scope="module")
def known(sample_home):
    return known_values(load_settings(home=sample_home))


def sent(app) -> str:
    """Everything that a page has sent to the browser, as text."""
    texts = []
    for block in (app.main, app.sidebar):
        for node in block:
            proto = getattr(node, "proto", None)
            texts.append(str(proto))
            if proto is not None:
                texts += [_decoded(each) for each in _binary(proto)]
    return "\n".join(texts)


def _binary(message):
    """Every field of bytes of a message and of those within it."""
    for field, value in message.ListFields():
        values = value if field.is_repeated else [value]
        for each in values:
            if field.type == field.TYPE_BYTES:
                yield each
            elif field.type == field.TYPE_MESSAGE and hasattr(each, "ListFields"):
                yield from _binary(each)


def _decoded(content: bytes) -> str:
    try:
        import pyarrow as pa

        frame = pa.ipc.open_stream(io.BytesIO(content)).read_pandas()
    except (pa.ArrowInvalid, OSError):
        return content.decode("utf-8", "replace")
    return frame.to_csv()


def tokens(text: str) -> set[str]:
    """Words and numbers of a text, those packed in base64 as well."""
    packed = re.findall(r"[A-Za-z0-9+/]{40,}={0,2}", text)
    whole = [each[: len(each.rstrip("=")) // 4 * 4] for each in packed]
    more = [base64.b64decode(each).decode("latin-1") for each in whole]
    return set(TOKEN.findall("\n".join([text, *more])))


@pytest.mark.parametrize(("page", "view"), [*((page, {}) for page in PAGES), *EVERY_VIEW])
def test_no_page_sends_a_known_value_to_the_browser(page, view, open_page, sample_home, known):
    app = open_page(page, sample_home, **view)
    assert not app.exception
    text = sent(app)
    assert len(text) > 500
    assert tokens(text) & known == set()


@pytest.mark.parametrize(
    ("page", "view"),
    [
        ("deliveries", {}),
        ("deliveries", {"seen": "Senders", "sender": "L00001"}),
        ("upload", {"load": "L00001"}),
        ("run_history", {}),
    ],
)
def test_no_page_tells_a_person_in_the_name_of_a_file(page, view, open_page, own_sample_home):
    with open_warehouse(load_settings(home=own_sample_home), write=True) as warehouse:
        warehouse.execute("update ops_loads set source_file = 'patients_Qwertzoff_19310709.csv'")
    app = open_page(page, own_sample_home, **view)
    assert not app.exception
    text = sent(app)
    assert "Qwertzoff" not in text and "19310709" not in text
    assert page == "run_history" or "patients_aaaaaaaaa_99999999.csv" in text


def test_the_search_sees_what_an_unmasked_table_would_send(
    open_page, sample_home, known, monkeypatch
):
    monkeypatch.setattr(visible, "mask_of", lambda *_: None)
    app = open_page("tables", sample_home, table="std_patients")
    assert len(tokens(sent(app)) & known) > 50
    assert query(sample_home, "select count(*) from std_patients")[0][0] > 50
    assert isinstance(app.dataframe[0].value, pd.DataFrame)
