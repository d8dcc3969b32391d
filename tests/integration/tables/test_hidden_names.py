"""The names by which a connection reads the file behind a mask open it to nobody, whether they are
guessed, learned or overheard.
"""

import sqlite3

import pytest

from benchmarks.disclosure.identity import NAME, SCHEMA
from pipeline.config import load_settings
from pipeline.services.tables import visible

TABLES = ("std_patients", "feat_patient_latest")


@pytest.fixture(params=TABLES)
def names(request, sample_home, monkeypatch):
    """(settings, table, names that its connection has made up), overheard while it is made."""
    heard = []
    made = visible.hidden_name

    def listening(table: str) -> str:
        heard.append(made(table))
        return heard[-1]

    monkeypatch.setattr(visible, "hidden_name", listening)
    return load_settings(home=sample_home), request.param, heard


def test_what_the_schema_and_plans_tell_of_them_opens_nothing(names):
    settings, table, _ = names
    base = table.removesuffix("_latest")
    learned = 0
    for sql in SCHEMA:
        with visible.open_visible(settings, table) as connection:
            try:
                told = NAME.findall(str(connection.execute(sql.format(table=table)).fetchall()))
            except sqlite3.DatabaseError:
                continue
            for name in told:
                learned += 1
                with pytest.raises(sqlite3.DatabaseError):
                    connection.execute(
                        f'with "{name}" as (select patient_id from main."{base}") '
                        f'select * from "{name}"'
                    )
    assert learned > 0


@pytest.mark.parametrize("form", ["{0}", "{0}_base", "x_{0}_base", "newest_{0}_base"])
@pytest.mark.parametrize("letters", [str.lower, str.upper])
def test_who_says_one_reads_nothing_more(names, form, letters):
    settings, table, heard = names
    base = table.removesuffix("_latest")
    with visible.open_visible(settings, table) as connection:
        name = letters(form.format(heard[-1]))
        sql = f'with "{name}" as (select patient_id from main."{base}") select * from "{name}"'
        for execute in (connection.execute, connection.cursor().execute):
            with pytest.raises(sqlite3.DatabaseError):
                execute(sql)
        assert connection.execute(f'select count(*) from "{table}"').fetchone()[0] > 100
        connection.unspoken = ()
        if letters is str.lower and form != "{0}":
            assert len(connection.execute(sql).fetchall()) > 100, "the names are what protects"
