"""What screens and exports show of small cells: hidden outcomes cannot be worked out, filtered out
or sorted out.
"""

import numpy as np
import pandas as pd
import pytest

from pipeline.errors import InputRefused
from pipeline.privacy.cell_policy import emptied, hide
from pipeline.privacy.masking import SMALLEST_CELL
from pipeline.services.tables import browse, chart_queries, export, visible
from pipeline.store.browse.filters import Filter
from tests.warehouse import copied, query

ENOUGH = 5_000


@pytest.fixture(scope="module")
def sample(sample_home, tmp_path_factory):
    return copied(sample_home, tmp_path_factory.mktemp("home") / "home")


def rows(sample, table: str) -> pd.DataFrame:
    return browse.page(sample, table, limit=ENOUGH).rows


def known_by_sums(sample) -> tuple[list, set[int]]:
    """Adverse events of the sample as unknowns, every shown number as an equation: the unknowns
    that all solutions agree on.
    """
    cells, totals = rows(sample, "provider_procedure_scorecard"), []
    thirds = rows(sample, "volume_outcome")
    unknown = [(cell.npi, cell.cpt) for cell in cells.itertuples()]
    place = {key: number for number, key in enumerate(unknown)}

    def equation(group: pd.DataFrame) -> list[float]:
        line = [0.0] * len(unknown)
        for cell in group.itertuples():
            line[place[cell.npi, cell.cpt]] = 1.0
        return line

    totals += [
        equation(cells[cells.index == index])
        for index in cells.index[cells["adverse_event_count"].notna()]
    ]
    for table, keys in (("provider_scorecard", ["npi"]), ("procedure_benchmark", ["cpt"])):
        shown_rows = rows(sample, table).dropna(subset="adverse_event_count")
        totals += [
            equation(cells.merge(shown_rows.loc[[index], keys])) for index in shown_rows.index
        ]
    totals += [
        equation(
            cells[
                (cells["cpt"] == third.cpt)
                & cells["encounter_count"].between(third.volume_from, third.volume_to)
            ]
        )
        for third in thirds.dropna(subset="observed_count").itertuples()
    ]
    matrix = np.array(totals)
    rank = np.linalg.matrix_rank(matrix)
    solved = {
        number
        for number in range(len(unknown))
        if np.linalg.matrix_rank(np.delete(matrix, number, axis=1)) == rank - 1
    }
    return unknown, {unknown[number] for number in solved}


def test_no_hidden_outcome_follows_from_all_the_totals_that_are_shown(sample):
    unknown, solved = known_by_sums(sample)
    hidden = visible.hidden_cells(sample).of(("npi", "cpt"))
    assert len(hidden) > 70
    assert solved == set(unknown) - hidden


def test_a_line_of_the_screen_hides_no_cell_or_two_that_are_enough(sample):
    cells, providers = (
        rows(sample, "provider_procedure_scorecard"),
        rows(sample, "provider_scorecard").set_index("npi"),
    )
    for key in ("npi", "cpt"):
        for line, group in cells.groupby(key):
            hidden = group[group["adverse_event_count"].isna()]
            if key == "npi" and np.isnan(providers.loc[line, "adverse_event_count"]):
                assert (
                    hidden["encounter_count"].size == group["encounter_count"].size
                    or len(hidden) >= 1
                )
            else:
                assert (
                    hidden.empty
                    or len(hidden) >= 2
                    and hidden["encounter_count"].sum() >= SMALLEST_CELL
                )


def test_what_one_table_hides_of_a_cell_another_does_not_show(sample):
    hidden = visible.hidden_cells(sample).of(("npi", "cpt"))
    for table, outcome in (
        ("provider_procedure_scorecard", "adverse_event_count"),
        ("feat_provider_procedure_latest", "adverse_event_count_to_date"),
        ("fct_encounter", "has_adverse_event"),
        ("provider_case_mix", "adverse_event_count"),
        ("int_encounter_risk_cell", "has_adverse_event"),
    ):
        table_rows = rows(sample, table)
        of_hidden = table_rows[
            [key in hidden for key in zip(table_rows["npi"], table_rows["cpt"], strict=True)]
        ]
        assert len(of_hidden) and of_hidden[outcome].isna().all(), table


def test_what_gold_suppressed_stays_hidden_and_no_sentence_tells_a_hidden_outcome(sample):
    hidden = visible.hidden_cells(sample).of(("npi", "cpt"))
    assert (
        set(
            query(
                sample.home,
                "select npi, cpt from int_provider_procedure_disclosure where is_suppressed = 1",
            )
        )
        <= hidden
    )
    for table, columns in (
        ("network_option", ["shrunken_ratio", "outcome_score", "order_score"]),
        ("network_candidate", ["shrunken_ratio", "outcome_score"]),
        ("referral_recommendation", ["confidence"]),
    ):
        table_rows = rows(sample, table)
        is_hidden = pd.Series(
            [key in hidden for key in zip(table_rows["npi"], table_rows["cpt"], strict=True)]
        )
        telling = table_rows[is_hidden & (table_rows["is_measured"] == 1)]
        assert telling[columns].isna().all(axis=None), table
        assert (
            table_rows[~is_hidden & (table_rows["is_measured"] == 1)][columns]
            .notna()
            .all(axis=None)
        ), table
    # what a distance of the home is worked into is masked in every row
    assert (table_rows[["score", "reasons_text", "miles"]].dropna() == "hidden").all(axis=None)


def test_neither_filter_nor_order_nor_sum_tells_a_hidden_outcome(sample):
    table, hidden = "provider_procedure_scorecard", visible.hidden_cells(sample).of(("npi", "cpt"))
    page = browse.page(
        sample,
        table,
        [Filter("adverse_event_count", "at least", 0)],
        "adverse_event_count",
        True,
        ENOUGH,
    ).rows
    assert not hidden & set(zip(page["npi"], page["cpt"], strict=True))
    npi, cpt = sorted(hidden)[0]
    alone = (Filter("npi", "is", npi), Filter("cpt", "is", cpt))
    assert browse.summary(sample, table, "adverse_event_count", alone)["sum"] is None
    assert (
        chart_queries.grouped(sample, "fct_encounter", "cpt", "has_adverse_event", "sum", alone)
        .frame["value"]
        .isna()
        .all()
    )


def test_risk_cells_under_eleven_show_no_rate_and_are_never_alone(sample):
    table_rows = rows(sample, "case_mix_reference")
    assert (
        table_rows.loc[
            table_rows["encounter_count"] < SMALLEST_CELL,
            ["observed_count", "raw_rate", "smoothed_rate", "calibrated_rate"],
        ]
        .isna()
        .all()
        .all()
    )
    hidden = (
        table_rows[table_rows["observed_count"].isna()]
        .groupby("cpt")["encounter_count"]
        .agg(["size", "sum"])
    )
    assert (hidden["size"] >= 2).all() and (hidden["sum"] >= SMALLEST_CELL).all()


def test_an_export_tells_of_hidden_cells_only_that_they_exist(sample, tmp_path):
    export.export(sample, "provider_procedure_scorecard", tmp_path / "cells.csv")
    exported = pd.read_csv(tmp_path / "cells.csv", dtype={"npi": str, "cpt": str})
    hidden = [
        key in visible.hidden_cells(sample).of(("npi", "cpt"))
        for key in zip(exported["npi"], exported["cpt"], strict=True)
    ]
    assert (
        exported.loc[
            hidden,
            ["encounter_count", "patients", "adverse_event_count", "paid_sum_usd", "cost_index"],
        ]
        .isna()
        .all()
        .all()
    )
    assert (
        exported.loc[[not cell for cell in hidden], ["encounter_count", "paid_sum_usd"]]
        .notna()
        .all()
        .all()
    )
    in_files = visible.hidden_cells(sample).of(("npi", "cpt"), in_files=True)
    keys = zip(exported["npi"], exported["cpt"], strict=True)
    is_told = exported["adverse_event_count"].notna().tolist()
    assert is_told == [key not in in_files for key in keys]
    assert not exported["adverse_event_count"].between(1, 10).any()
    ((events,),) = query(sample.home, "select sum(has_adverse_event) from fct_encounter")
    export.export(sample, "fct_encounter", tmp_path / "rows.csv")
    assert pd.read_csv(tmp_path / "rows.csv")["has_adverse_event"].sum() < events
    with pytest.raises(InputRefused, match="small cells"):
        export.export(sample, "provider_case_mix", tmp_path / "case_mix.csv")
    export.export(sample, "provider_procedure_scorecard", tmp_path / "all.csv", "internal")
    assert pd.read_csv(tmp_path / "all.csv")["adverse_event_count"].notna().all()


def test_a_third_by_volume_with_one_hidden_provider_would_give_it_away_and_does_not():
    cells = [
        ("a", "X", 4),
        ("b", "X", 60),
        ("c", "X", 50),
        ("d", "X", 40),
        ("a", "Y", 30),
        ("b", "Y", 30),
        ("c", "Y", 30),
        ("d", "Y", 30),
    ]
    hidden_cells = hide(
        [(*cell, 2, 0, None) for cell in cells], [("X", 1, 1, 45), ("X", 2, 46, 60)], []
    )
    assert {("a", "X"), ("d", "X")} <= hidden_cells.of(("npi", "cpt")) and not hidden_cells.of(
        ("npi",)
    )


def test_only_outcomes_are_emptied_on_screen_and_all_measures_in_an_export():
    columns = (
        "npi",
        "cpt",
        "encounter_count",
        "adverse_event_count",
        "paid_sum_usd",
        "volume_band",
        "_build_id",
    )
    table = "provider_procedure_scorecard"
    assert emptied(table, columns)[0].columns == ("adverse_event_count",)
    assert emptied(table, columns, for_export=True)[0].columns == (
        "encounter_count",
        "adverse_event_count",
        "paid_sum_usd",
        "volume_band",
    )


def test_features_that_tell_outcomes_by_another_name_are_emptied_as_well(sample):
    hidden = visible.hidden_cells(sample)
    risk = rows(sample, "feat_risk_cell_latest")
    of_hidden = [
        key in hidden.of(("cpt", "age_band", "sex"))
        for key in zip(risk["cpt"], risk["age_band"], risk["sex"], strict=True)
    ]
    assert any(of_hidden) and risk.loc[of_hidden, "adverse_event_count"].isna().all()
    assert (
        rows(sample, "training_provider_history_latest")["provider_adverse_event_count"]
        .isna()
        .all()
    )
