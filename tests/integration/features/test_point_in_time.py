"""The point-in-time join against pandas' merge_asof on random histories, and what it refuses."""

import random

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, strategies
from hypothesis import settings as examples

from pipeline.cli import main
from pipeline.config import load_settings
from pipeline.errors import InputRefused
from pipeline.services.features import retrieval
from tests.integration.features.histories import stamp, write_history

FEATURES = {
    "encounter_count_to_date": "integer",
    "observed_to_expected_to_date": "real",
    "zip3": "text",
}


@strategies.composite
def histories(draw):
    """Versions of up to four providers, strictly later each, and rows that ask about five of them
    at any moment.
    """
    versions = []
    for npi in ("1", "2", "3", "4")[: draw(strategies.integers(1, 4))]:
        seconds = sorted(draw(strategies.sets(strategies.integers(0, 40), max_size=8)))
        versions += [
            (
                npi,
                second,
                draw(strategies.booleans()) and place > 0,
                draw(strategies.none() | strategies.integers(0, 9)),
                draw(strategies.none() | strategies.floats(0, 3)),
                draw(strategies.none() | strategies.sampled_from(["002", "003"])),
            )
            for place, second in enumerate(seconds)
        ]
    questions = draw(
        strategies.lists(
            strategies.tuples(strategies.sampled_from("12345"), strategies.integers(-3, 45)),
            max_size=20,
        )
    )
    return versions, questions


@given(history=histories())
@examples(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_join_is_that_of_merge_asof(tmp_path, history):
    versions, questions = history
    write_history(tmp_path, versions)
    frame = pd.DataFrame(
        {
            "npi": [npi for npi, _ in questions],
            "event_timestamp": [stamp(second) for _, second in questions],
        },
        dtype="str",
    )
    answer = retrieval.point_in_time(
        load_settings(home=tmp_path), [f"provider:{name}" for name in FEATURES], frame
    )
    pd.testing.assert_frame_equal(answer[["npi", "event_timestamp"]], frame)

    expected_rows = (
        pd.DataFrame(
            [
                (npi, second, *([None] * 3 if retired else values))
                for npi, second, retired, *values in versions
            ],
            columns=["npi", "second", *FEATURES],
        )
        .astype({"npi": "str", "second": "int64"})
        .sort_values("second")
    )
    questions_frame = pd.DataFrame(
        {
            "npi": [npi for npi, _ in questions],
            "second": [second for _, second in questions],
            "row": range(len(questions)),
        }
    )
    questions_frame = questions_frame.astype({"npi": "str", "second": "int64"}).sort_values(
        "second", kind="stable"
    )
    expected = pd.merge_asof(questions_frame, expected_rows, on="second", by="npi").sort_values(
        "row"
    )
    for name in FEATURES:
        one, other = answer[name].astype(object), expected[name].astype(object)
        assert [None if pd.isna(value) else value for value in one] == [
            None if pd.isna(value) else value for value in other
        ]


def test_types_index_and_order_are_those_that_were_asked_for(tmp_path):
    write_history(tmp_path, [("1", 0, 0, 5, 1.5, "002"), ("2", 10, 0, None, None, None)])
    frame = pd.DataFrame(
        {"npi": [2, 1, 2, 1], "seen": pd.to_datetime([stamp(9), stamp(0), stamp(10), stamp(-1)])},
        index=[7, 3, 7, 1],
    )
    answer = retrieval.point_in_time(
        load_settings(home=tmp_path),
        [
            "feat_provider:encounter_count_to_date",
            "provider:observed_to_expected_to_date",
            "provider:zip3",
        ],
        frame,
        moment="seen",
        full_names=True,
    )
    assert answer.index.tolist() == [7, 3, 7, 1] and answer.npi.tolist() == [2, 1, 2, 1]
    assert list(answer.columns) == [
        "npi",
        "seen",
        "provider__encounter_count_to_date",
        "provider__observed_to_expected_to_date",
        "provider__zip3",
    ]
    assert [str(kind) for kind in answer.dtypes[2:]] == ["Int64", "float64", "str"]
    assert answer["provider__encounter_count_to_date"].tolist() == [pd.NA, 5, pd.NA, pd.NA]


def test_a_moment_has_a_zone_and_its_fractions_are_cut_off(tmp_path):
    write_history(tmp_path, [("1", 10, 0, 5, 1.0, "002")])
    moments = pd.Series(
        [
            "2026-01-01T01:00:10+01:00",
            "2026-01-01T00:00:09.999Z",
            "2026-01-01T00:00:10.2",
            "2026-01-01",
        ]
    )
    frame = pd.DataFrame({"npi": ["1"] * 4, "event_timestamp": moments})
    answer = retrieval.point_in_time(
        load_settings(home=tmp_path), ["provider:encounter_count_to_date"], frame
    )
    assert answer.encounter_count_to_date.fillna(0).tolist() == [5, 0, 5, 0]


@pytest.mark.parametrize(
    ("references", "columns", "message"),
    [
        (["provider:nothing"], {}, "no such feature"),
        (["nobody:observed_to_expected_to_date"], {}, "no such feature table"),
        ([], {}, "no feature"),
        (["provider:observed_to_expected_to_date"], {"npi": None}, "no column npi"),
        (
            ["provider:observed_to_expected_to_date"],
            {"event_timestamp": None},
            "no column event_timestamp",
        ),
        (
            ["provider:observed_to_expected_to_date"],
            {"event_timestamp": [stamp(1), "soon"]},
            "row 2: not a moment",
        ),
        (
            ["provider:observed_to_expected_to_date"],
            {"observed_to_expected_to_date": [1, 2]},
            "two columns would be called observed_to_expected_to_date",
        ),
        (["provider:has_zip"], {}, "build the feature store"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_the_reason(tmp_path, references, columns, message):
    write_history(tmp_path, [("1", 0, 0, 5, 1.5, "002")])
    frame = pd.DataFrame({"npi": ["1", "1"], "event_timestamp": [stamp(1), stamp(2)]})
    for name, values in columns.items():
        frame = frame.drop(columns=name) if values is None else frame.assign(**{name: values})
    with pytest.raises(InputRefused, match=message):
        retrieval.point_in_time(load_settings(home=tmp_path), references, frame)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_the_command_joins_a_file_to_a_file(tmp_path, ending):
    write_history(tmp_path, [("1", 0, 0, 5, 1.5, "002")])
    questions = pd.DataFrame({"npi": ["1", "9"], "event_timestamp": [stamp(1), stamp(1)]})
    getattr(questions, f"to_{ending}")(tmp_path / f"asked.{ending}", index=False)
    words = [
        "features",
        "historical",
        str(tmp_path / f"asked.{ending}"),
        "--feature",
        "provider:encounter_count_to_date",
        "--out",
        str(tmp_path / f"out.{ending}"),
        "--profile",
        "internal",
    ]
    assert main.main(["--home", str(tmp_path), *words, "--json"]) == 0
    out = getattr(pd, f"read_{ending}")(tmp_path / f"out.{ending}")
    assert (
        len(out) == 2
        and out.encounter_count_to_date[0] == 5
        and np.isnan(float(out.encounter_count_to_date.astype("float64")[1]))
    )
    assert (
        main.main(["--home", str(tmp_path), *words[:2], str(tmp_path / "no.csv"), *words[3:]]) == 2
    )


def test_each_moment_of_a_large_frame_is_looked_up_alone(tmp_path):
    chance = random.Random(3)
    write_history(
        tmp_path,
        [
            (str(npi), second, 0, second, 1.0, "002")
            for npi in range(30)
            for second in range(0, 60, 3)
        ],
    )
    questions = [(str(chance.randrange(30)), chance.randrange(60)) for _ in range(5000)]
    frame = pd.DataFrame(
        {
            "npi": [npi for npi, _ in questions],
            "event_timestamp": [stamp(second) for _, second in questions],
        }
    )
    answer = retrieval.point_in_time(
        load_settings(home=tmp_path), ["provider:encounter_count_to_date"], frame
    )
    assert answer.encounter_count_to_date.tolist() == [
        second - second % 3 for _, second in questions
    ]
