"""Charts: all rows exactly, or a sample that says so and comes near; nothing of a patient, nothing
that is hidden.
"""

import pandas as pd
import pytest

from pipeline.config import load_settings
from pipeline.errors import InputRefused, PipelineError
from pipeline.services.tables import browse, chart_queries
from pipeline.services.tables.visible import hidden_cells
from pipeline.store.browse import chart_sample
from pipeline.store.browse.filters import Filter
from pipeline.store.browse.tables import is_covered
from pipeline.store.sqlite.database import open_scratch
from pipeline.store.sqlite.query_limit import STEPS, limited
from tests.warehouse import query

ONLY = (Filter("paid_amount_usd", "at least", 1),)


@pytest.fixture(scope="module")
def sample(sample_home):
    return load_settings(home=sample_home)


@pytest.fixture
def facts(sample, sample_home):
    """The encounters of gold, read without the product; those of hidden cells have no amount, age
    and sex.
    """
    rows = pd.DataFrame(
        query(
            sample_home,
            "select cpt, npi, age_band, sex, paid_amount_usd, ln_paid from fct_encounter",
        ),
        columns=["cpt", "npi", "age_band", "sex", "paid_amount_usd", "ln_paid"],
    )
    hidden = hidden_cells(sample).of(("npi", "cpt"))
    is_hidden = [key in hidden for key in zip(rows["npi"], rows["cpt"], strict=True)]
    assert any(is_hidden)
    rows.loc[is_hidden, ["age_band", "sex", "paid_amount_usd", "ln_paid"]] = None
    return rows


@pytest.fixture
def many(monkeypatch):
    """Any table of more than 100 rows counts as large, of which some 400 are looked at."""
    monkeypatch.setattr(chart_queries, "SAMPLED_FROM", 100)
    monkeypatch.setattr(chart_sample, "ROWS", 400)


@pytest.fixture
def fewer(many, monkeypatch):
    """The same, of which some 250 are looked at."""
    monkeypatch.setattr(chart_sample, "ROWS", 250)


@pytest.mark.parametrize("filters", [(), ONLY])
@pytest.mark.parametrize("how", ["rows", "sum", "mean", "minimum", "maximum", "distinct values"])
def test_all_rows_give_what_pandas_gives(sample, facts, many, how, filters):
    groups = chart_queries.grouped(
        sample, "fct_encounter", "age_band", "paid_amount_usd", how, filters, all_rows=True
    )
    rows = facts[facts["paid_amount_usd"] >= 1] if filters else facts
    function = {
        "rows": "size",
        "mean": "mean",
        "minimum": "min",
        "maximum": "max",
        "distinct values": "nunique",
    }.get(how, how)
    expected = rows.groupby("age_band")["paid_amount_usd"].agg(function)
    assert not groups.is_sample and groups.rows == len(rows)
    told = groups.frame.dropna(subset=["age_band"]).set_index("age_band")["value"]
    assert told.to_dict() == pytest.approx(expected.to_dict())


@pytest.mark.parametrize("filters", [(), ONLY])
def test_rows_and_sums_of_a_sample_are_scaled_to_all_rows(sample, facts, fewer, filters):
    expected = facts[facts["paid_amount_usd"] >= 1] if filters else facts
    rows = chart_queries.grouped(sample, "fct_encounter", "age_band", None, "rows", filters)
    assert rows.is_sample and 150 < rows.looked_at < rows.rows == len(expected)
    assert rows.frame["value"].sum() == pytest.approx(len(expected))
    told = rows.frame.dropna(subset=["age_band"]).set_index("age_band")["value"]
    assert told.to_dict() == pytest.approx(expected.groupby("age_band").size().to_dict(), rel=0.4)
    sums = chart_queries.grouped(
        sample, "fct_encounter", "age_band", "paid_amount_usd", "sum", filters
    )
    assert sums.frame["value"].sum() == pytest.approx(expected["paid_amount_usd"].sum(), rel=0.3)
    assert chart_queries.histogram(sample, "fct_encounter", "ln_paid", filters).frame[
        "rows"
    ].sum() == pytest.approx(expected["ln_paid"].notna().sum(), rel=0.05)


def test_what_an_index_holds_is_exact_however_many_rows(sample, facts, many):
    by_provider = chart_queries.grouped(sample, "fct_encounter", "npi")
    assert not by_provider.is_sample
    assert (
        by_provider.frame.set_index("npi")["value"].to_dict()
        == facts.groupby("npi").size().to_dict()
    )
    by_procedure = chart_queries.grouped(sample, "fct_encounter", "cpt", "paid_amount_usd", "sum")
    assert not by_procedure.is_sample
    assert by_procedure.frame.set_index("cpt")["value"].to_dict() == pytest.approx(
        facts.groupby("cpt")["paid_amount_usd"].sum(min_count=1).to_dict(), nan_ok=True
    )
    with open_scratch(sample) as connection:
        assert not is_covered(connection, "fct_encounter", ("cpt", "ln_paid")) and not is_covered(
            connection, "fct_encounter", ("sex",)
        )


def test_a_line_of_very_many_values_goes_through_bins_that_hold_every_row(sample):
    places = pd.DataFrame(
        query(sample.home, "select latitude, longitude from zip_centroid"),
        columns=["latitude", "longitude"],
    )
    groups = chart_queries.in_order(sample, "zip_centroid", "latitude", "longitude", "sum").frame
    assert places["latitude"].nunique() > chart_queries.LINE_VALUES and len(groups) < 100
    for row in groups.itertuples():
        inside = places[(places["latitude"] >= row.low) & (places["latitude"] < row.high)]
        assert (
            row.value == pytest.approx(inside["longitude"].sum())
            and row.low < row.latitude < row.high
        )
    assert groups["value"].sum() == pytest.approx(places["longitude"].sum())


def test_the_same_question_is_answered_from_the_same_rows(sample, many):
    first, second = (
        chart_queries.grouped(sample, "fct_encounter", "age_band", "paid_amount_usd", "sum")
        for _ in range(2)
    )
    pd.testing.assert_frame_equal(first.frame, second.frame)


def test_a_sample_is_not_fooled_by_a_rhythm_in_the_order_of_the_rows(sample, many):
    with open_scratch(sample) as connection:
        connection.execute(
            "create temp table beat as with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000) "
            "select i % 50 as beat from n"
        )
        sampled_rows = chart_sample.create(connection, "beat", ("beat",), (), 20_000)
        beats = [beat for (beat,) in connection.execute("select beat from temp.looked_at")]
    assert sampled_rows == len(beats) == 400 and len(set(beats)) == 50


def test_hidden_outcomes_are_in_no_sample(sample, many):
    hidden = browse.page(sample, "provider_scorecard").rows.set_index("npi")["adverse_event_count"]
    hidden = set(hidden[hidden.isna()].index)
    points = chart_queries.points(
        sample, "provider_scorecard", ("npi", "adverse_event_count")
    ).frame
    assert hidden and points[points["npi"].isin(hidden)]["adverse_event_count"].isna().all()


@pytest.mark.parametrize(
    "call",
    [
        lambda settings: chart_queries.grouped(settings, "fct_encounter", "patient_id"),
        lambda settings: chart_queries.in_order(settings, "std_referrals", "cpt", "zip5"),
        lambda settings: chart_queries.grouped(
            settings, "std_encounters", "cpt", filters=(Filter("patient_id", "is", "1"),)
        ),
        lambda settings: chart_queries.histogram(settings, "std_patients", "birth_date"),
        lambda settings: chart_queries.usual_values(settings, "std_patients", "patient_id", 5),
    ],
)
def test_nothing_of_a_patient_is_drawn(sample, call):
    with pytest.raises(InputRefused, match="is masked"):
        call(sample)


def test_reading_all_rows_tells_how_far_it_is_and_can_be_stopped(sample):
    endless = f"with recursive n(i) as (select 1 union all select i + 1 from n where i < {STEPS}) select count(*) from n"
    progress = []
    with limited(3600, lambda: True, progress.append), open_scratch(sample) as connection:
        connection.execute(endless).fetchone()
        assert progress == list(range(1, connection.watch.looks + 1)) != []
    with (
        limited(3600, lambda: len(progress) < 3, progress.append),
        pytest.raises(PipelineError, match="something else was asked for"),
        open_scratch(sample) as connection,
    ):
        connection.execute(endless.replace(str(STEPS), str(STEPS * 100))).fetchone()


def test_what_the_listener_raises_ends_the_query_and_reaches_the_page(sample):
    class Rerun(BaseException):
        """As Streamlit ends a run."""

    def rerun(looks: int) -> None:
        raise Rerun

    with (
        limited(3600, lambda: True, rerun),
        pytest.raises(Rerun),
        open_scratch(sample) as connection,
    ):
        connection.execute(
            f"with recursive n(i) as (select 1 union all select i + 1 from n where i < {STEPS}) select count(*) from n"
        )
