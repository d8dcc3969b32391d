"""No page tells an identifier, a date of birth or a home of a patient, in whatever it sends to the
browser: texts, cells, charts, tooltips, labels, addresses.

The pages are those of the menu, the values all that silver knows of patients; a page added tomorrow
is read like the others.
"""

import base64
import io
import re
import shutil

import pandas as pd
import pytest

from benchmarks.disclosure.identity import TOKEN, known_values
from pipeline.config import load_settings
from pipeline.ingest import tray
from pipeline.services.tables import visible
from pipeline.store.control import actor, sender_memory
from pipeline.store.control.actor import Actor
from pipeline.store.control.control_file import open_control
from pipeline.store.sqlite.database import open_warehouse
from tests.pages.conftest import EVERY_VIEW, PAGES
from tests.warehouse import query

#: The name of a file that names a person.
PERSONAL = "patients_Qwertzoff_19310709.csv"


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


@pytest.fixture(scope="module")
def named_home(sample_home, tmp_path_factory):
    """The sample, as if each of its files, and one that waits, were named after a person."""
    home = shutil.copytree(sample_home, tmp_path_factory.mktemp("named") / "home")
    settings = load_settings(home=home)
    with open_warehouse(settings, write=True) as warehouse:
        for table, column in names_of_files(warehouse):
            warehouse.execute(f'update "{table}" set "{column}" = ?', (PERSONAL,))
    with open_control(settings) as control:
        sender_memory.remember(
            control,
            "mapping",
            "a shape",
            {"entity": "patients", "mapping": {}},
            PERSONAL,
            "L00001",
            "T",
        )
    return home


def names_of_files(warehouse):
    """Every column of a table that holds names of files."""
    return warehouse.execute(
        "select t.name, c.name from sqlite_master as t, pragma_table_info(t.name) as c "
        "where t.type = 'table' and c.name in ('source_file', '_source_file')"
    ).fetchall()


@pytest.mark.parametrize(("page", "view"), [*((page, {}) for page in PAGES), *EVERY_VIEW])
def test_no_page_sends_a_known_value_to_the_browser(page, view, open_page, named_home, known):
    app = open_page(page, named_home, **view)
    assert not app.exception
    text = sent(app)
    assert len(text) > 500
    assert tokens(text) & known == set()
    # nor a person in the name of a file
    assert "Qwertzoff" not in text and "19310709" not in text


@pytest.mark.parametrize(
    ("page", "view"),
    [
        ("deliveries", {"seen": "Senders", "sender": "L00001"}),
        ("upload", {"load": "L00001"}),
        ("quarantine", {"list": "Open rows", "source": "encounters"}),
    ],
)
def test_the_name_of_a_file_keeps_the_words_of_its_source(page, view, open_page, named_home):
    text = sent(open_page(page, named_home, **view))
    assert "Qwertzoff" not in text and "19310709" not in text
    assert "patients_aaaaaaaaa_99999999.csv" in text


def test_a_viewer_sees_no_cell_that_waits_and_no_file_of_the_tray(
    open_page, own_sample_home, monkeypatch
):
    settings = load_settings(home=own_sample_home)
    words = "patient_id,gender,birth_date\n1,Qwertzoff,soon\n"
    tray.put(settings.tray_dir, PERSONAL, iter([words.encode()]))
    with open_warehouse(settings, write=True) as warehouse:
        warehouse.execute(
            "update row_verdicts_encounters set cpt = 'Qwertzoff' where _status = 'quarantined'"
        )
    shown = {
        (role, page): sent(opened_as(role, open_page, page, own_sample_home, monkeypatch))
        for role, page in (
            ("viewer", "upload"),
            ("viewer", "quarantine"),
            ("reviewer", "upload"),
            ("reviewer", "quarantine"),
            ("operator", "upload"),
        )
    }
    seen = {each for each, text in shown.items() if "Qwertzoff" in text}
    assert seen == {("reviewer", "quarantine"), ("operator", "upload")}
    assert "takes the role reviewer, operator or admin" in shown["viewer", "quarantine"]
    assert "takes the role operator or admin" in shown["reviewer", "upload"]


def opened_as(role, open_page, page, home, monkeypatch):
    monkeypatch.setattr(actor, "_source", lambda: Actor("somebody", (role,), "Somebody"))
    app = open_page(page, home, **({"source": "encounters"} if page == "quarantine" else {}))
    assert not app.exception and not [each for each in app.error if "Your login" in each.value]
    return app


def test_the_search_sees_what_an_unmasked_table_would_send(
    open_page, sample_home, known, monkeypatch
):
    monkeypatch.setattr(visible, "mask_of", lambda *_: None)
    app = open_page("tables", sample_home, table="std_patients")
    assert len(tokens(sent(app)) & known) > 50
    assert query(sample_home, "select count(*) from std_patients")[0][0] > 50
    assert isinstance(app.dataframe[0].value, pd.DataFrame)
