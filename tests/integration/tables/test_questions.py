"""Questions in SQL: they read what Tables shows and nothing else, tell nothing in errors, end in
time, and leave as files only as an export would.
"""

import json
import re

import pytest

from benchmarks.disclosure.questions import MASKED, forbidden
from pipeline.config import load_settings
from pipeline.errors import InputRefused, PipelineError
from pipeline.services.access import audit
from pipeline.services.access.roles import NotAllowed
from pipeline.services.tables import browse, questions, saved_questions, visible
from pipeline.store.control.actor import Actor, acting_as
from tests.warehouse import copied, query

ADA, BOB = Actor("idp#ada", ("viewer",), "Ada"), Actor("idp#bob", ("reviewer",), "Bob")
ENOUGH = 1_000
TOTALS = "select npi, cpt, encounter_count, adverse_event_count from provider_procedure_scorecard"


@pytest.fixture(scope="module")
def sample(sample_home, tmp_path_factory):
    return copied(sample_home, tmp_path_factory.mktemp("home") / "home")


@pytest.fixture
def home(sample_home, tmp_path):
    return copied(sample_home, tmp_path / "home")


def test_a_table_that_is_asked_for_everything_gives_the_rows_and_open_columns_of_its_page(sample):
    asked = questions.columns_to_ask(sample)
    assert len(asked) > 100
    for table, columns in asked.items():
        page = browse.page(sample, table, limit=ENOUGH, counts=False)
        assert not set(columns) & set(page.sensitive)
        rows = questions.ask(sample, f"select * from {table} limit {ENOUGH}").rows
        assert (
            list(rows.columns)
            == list(columns)
            == [name for name in page.rows.columns if name not in page.sensitive]
        )
        shown = page.rows[list(columns)].astype(object)
        same = (rows.astype(object) == shown) | (rows.isna() & shown.isna())
        assert len(rows) == len(shown) and same.all(axis=None), table


@pytest.mark.parametrize("statement", forbidden("std_encounters", "patient_id"))
def test_what_a_question_may_not_read_or_do_is_refused_in_our_words(sample, statement):
    with pytest.raises(InputRefused) as refused:
        questions.ask(sample, statement)
    assert not re.search(r"[0-9a-f]{32}|_base\b|'1'", str(refused.value))


@pytest.mark.parametrize("table", ["std_encounters", "feat_patient_latest"])
def test_a_masked_column_is_neither_read_nor_compared_ordered_counted_or_joined(sample, table):
    for statement in MASKED:
        with pytest.raises(InputRefused, match="patient_id of|to ask"):
            questions.ask(sample, statement.format(table=table, column="patient_id"))


def test_a_name_that_a_connection_makes_up_stands_in_no_plan_and_opens_nothing(sample):
    answer = questions.ask(sample, "select count(*) from feat_patient_latest where sex = 'F'")
    assert answer.plan and "feat_patient" in " ".join(answer.plan)
    assert not any(len(word) >= 32 for step in answer.plan for word in step.split("_"))


def test_the_difference_of_two_totals_is_never_one_small_cell(sample):
    hidden = visible.hidden_cells(sample).of(("npi", "cpt"))
    cells = {
        (npi, cpt): n
        for npi, cpt, n in query(
            sample.home, "select npi, cpt, encounter_count from provider_procedure_scorecard"
        )
    }
    asked = 0
    for key, table in (("cpt", "procedure_benchmark"), ("npi", "provider_scorecard")):
        left = questions.ask(
            sample,
            f"select t.{key}, t.adverse_event_count - s.shown as left_over from {table} as t "
            f"join (select {key}, sum(has_adverse_event) as shown from fct_encounter group by 1) "
            f"as s on s.{key} = t.{key} where left_over is not null",
        ).rows
        for each in left.itertuples(index=False):
            behind = [
                n for pair, n in cells.items() if pair in hidden and pair[key == "cpt"] == each[0]
            ]
            asked += 1
            assert not behind or len(behind) > 1 and sum(behind) >= 11
    assert asked > 5


def test_rows_come_in_no_order_of_what_is_masked(sample):
    rows = questions.ask(sample, "select cpt, npi from std_encounters").rows
    stored = query(sample.home, "select cpt, npi from std_encounters not indexed")
    assert list(rows.itertuples(index=False, name=None)) == stored
    by_patient = query(sample.home, "select cpt, npi from std_encounters order by patient_id")
    assert stored != by_patient


@pytest.mark.parametrize(
    "statement",
    [
        "select sum(9223372036854775807) from fct_encounter",
        "select group_concat(npi || cpt || npi || cpt || npi) from (select a.npi, b.cpt from "
        "fct_encounter a, fct_encounter b limit 20000)",
        "select group_concat(npi, ?) from fct_encounter",
        "select npi like replace(printf('%300d', 1), ' ', '%') from fct_encounter",
    ],
)
def test_what_fails_while_it_is_answered_quotes_no_cell(sample, statement):
    with pytest.raises(InputRefused, match="a function met a value|is not understood") as refused:
        questions.ask(sample, statement)
    ((npi,),) = query(sample.home, "select npi from fct_encounter limit 1")
    assert npi not in str(refused.value)


def test_a_question_ends_in_time_and_before_it_fills_the_memory(sample_home, sample, monkeypatch):
    endless = "with recursive c(x) as (select 1 union all select x + 1 from c) select max(x) from c"
    hurried = load_settings(home=sample.home, query_seconds="0.3")
    with pytest.raises(PipelineError, match="longer than 0.3 seconds"):
        questions.ask(hurried, endless)
    monkeypatch.setattr(questions, "MOST_MEMORY", -1)
    with pytest.raises(PipelineError, match="of memory and was stopped"):
        questions.ask(sample, endless)


def test_more_rows_than_a_screen_shows_are_cut_and_said_so(sample):
    crossed = questions.ask(
        sample, "select a.npi, b.cpt, a.npi from fct_encounter as a, fct_encounter as b"
    )
    assert crossed.is_cut and len(crossed.rows) == questions.MOST_ROWS
    assert list(crossed.rows.columns) == ["npi", "cpt", "npi_2"]


def test_a_file_is_asked_of_what_an_export_holds_and_is_recorded(home):
    hidden = visible.hidden_cells(home).of(("npi", "cpt"))
    shown = questions.ask(home, TOTALS)
    assert shown.no_file is None and shown.rows["encounter_count"].notna().all()
    rows = json.loads(questions.download(home, TOTALS, ".json", "A. Analyst", "Totals"))
    assert {*rows[0]} == {"npi", "cpt", "encounter_count", "adverse_event_count"}
    for row in rows:
        is_hidden = (row["npi"], row["cpt"]) in hidden
        assert (row["encounter_count"] is None) is is_hidden
        assert not is_hidden or row["adverse_event_count"] is None
    csv = questions.download(home, TOTALS, ".csv", "A. Analyst").decode()
    assert csv.startswith("npi,cpt,") and len(csv.splitlines()) == len(rows) + 1
    newest = next(each for each in audit.newest(home) if each.action == "download")
    assert newest.target == "question" and newest.facts["profile"] == "safe_harbor"
    assert newest.facts["filters"][0]["tables"] == ["provider_procedure_scorecard"]


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("select cpt, count(*) from fct_encounter group by cpt", "a row for each person"),
        ("select count(*) from raw_patients", "cells as delivered"),
        ("select npi from provider_case_mix", "only small cells"),
        ("select employer_id from employer_savings_opportunity", "leaves in no answer"),
        ("select npi from provider_scorecard where npi <> '1234567'", "number of a person"),
    ],
)
def test_what_leaves_in_no_file_is_said_on_screen_and_refused(home, statement, why):
    assert why in questions.ask(home, statement).no_file
    with pytest.raises(InputRefused, match=why):
        questions.download(home, statement, ".csv", "A. Analyst")
    assert not [each for each in audit.newest(home) if each.action == "download"]


def test_a_viewer_asks_and_takes_no_file(home):
    with acting_as(ADA):
        assert len(questions.ask(home, TOTALS).rows)
        with pytest.raises(NotAllowed):
            questions.download(home, TOTALS, ".csv", "")


def test_a_question_is_kept_under_a_name_replaced_by_its_author_and_taken_away(home):
    with acting_as(ADA):
        saved_questions.save(home, "Totals by procedure", TOTALS)
        saved_questions.save(home, "Totals by procedure", f"{TOTALS} limit 5")
    (kept,) = saved_questions.all_questions(home)
    assert (kept.name, kept.statement, kept.author) == (
        "Totals by procedure",
        f"{TOTALS} limit 5",
        "Ada",
    )
    with acting_as(BOB):
        assert not saved_questions.may_change(kept)
        for change in (
            lambda: saved_questions.save(home, kept.name, TOTALS),
            lambda: saved_questions.remove(home, kept.name),
        ):
            with pytest.raises(NotAllowed):
                change()
    with acting_as(ADA):
        saved_questions.remove(home, kept.name)
        saved_questions.remove(home, kept.name)
    assert saved_questions.all_questions(home) == []
    actions = [each.action for each in audit.newest(home)]
    assert actions.count("save question") == 2 and actions.count("remove question") == 1


@pytest.mark.parametrize(
    ("name", "statement"),
    [
        ("", TOTALS),
        ("x", TOTALS),
        ("Patient 1234567", TOTALS),
        ("<b>bold</b>", TOTALS),
        ("Fine", "delete from fct_encounter"),
        ("Fine", "select 1 where '1950-01-02' > 1"),
        ("Fine", f"{TOTALS} where npi = '7654321'"),
    ],
)
def test_a_name_or_question_that_may_tell_of_a_person_or_is_none_is_not_kept(home, name, statement):
    with pytest.raises(InputRefused):
        saved_questions.save(home, name, statement)
    assert saved_questions.all_questions(home) == []
