"""The benchmark of one machine's capacity."""

import pytest

from benchmarks.scale import CASES, LINES, as_table, timed_run


def test_a_run_that_fails_is_no_measurement_and_says_why(tmp_path):
    with pytest.raises(RuntimeError, match="no_such_folder"):
        timed_run(tmp_path / "home", tmp_path / "no_such_folder")


def test_the_table_has_a_line_for_every_stage_and_zero_where_nothing_ran():
    results = {
        case: {"whole run": 1234.56, "processor": seconds, "warehouse, MB": 1234.56}
        for case, seconds in zip(CASES, (40.0, 10.0, 0.0), strict=True)
    }
    heading, _, *lines = as_table(results).splitlines()
    assert heading == "| seconds | first load | delivery | nothing new | delivery / first load |"
    assert [line.split("|")[1].strip() for line in lines] == list(LINES)
    assert lines[0] == "| ingest | 0.0 | 0.0 | 0.0 |  |"
    assert lines[-4:] == [
        "| whole run | 1,234.6 | 1,234.6 | 1,234.6 | 100% |",
        "| processor | 40.0 | 10.0 | 0.0 | 25% |",
        "| peak memory, MB | 0 | 0 | 0 |  |",
        "| warehouse, MB | 1,235 | 1,235 | 1,235 |  |",
    ]
