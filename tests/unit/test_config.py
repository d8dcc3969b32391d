"""Settings refuse what they cannot mean."""

import pytest

from pipeline.config import load_settings
from pipeline.errors import InputRefused


@pytest.mark.parametrize(
    "name", ["gate_threshold", "reject_threshold", "drift_ks", "drift_missing"]
)
@pytest.mark.parametrize("value", ["1.2", "-0.1", "nan", "a quarter"])
def test_a_share_outside_zero_to_one_is_refused(name, value):
    with pytest.raises(InputRefused, match=name):
        load_settings(**{name: value})


def test_the_bounds_themselves_are_shares(monkeypatch):
    monkeypatch.setenv("ICON_HEALTH_GATE_THRESHOLD", "1")
    assert load_settings(reject_threshold=0).gate_threshold == 1.0


@pytest.mark.parametrize("value", ["0", "-1", "inf", "nan", "soon"])
def test_a_time_limit_that_is_no_time_is_refused(value):
    with pytest.raises(InputRefused, match="query_seconds"):
        load_settings(query_seconds=value)


@pytest.mark.parametrize("name", ["max_upload_mb", "drift_min_entities"])
@pytest.mark.parametrize("value", ["0", "-5", "1.5", "many"])
def test_a_number_of_things_is_whole_and_at_least_one(name, value):
    with pytest.raises(InputRefused, match=name):
        load_settings(**{name: value})


@pytest.mark.parametrize("value", ["0", "nan", "inf", "-1"])
def test_an_index_that_nothing_or_everything_would_exceed_is_refused(value):
    with pytest.raises(InputRefused, match="drift_psi"):
        load_settings(drift_psi=value)


@pytest.mark.parametrize("home", ["", "  ", "a\0b"])
def test_an_empty_home_is_not_the_folder_that_one_stands_in(home):
    with pytest.raises(InputRefused, match="setting home"):
        load_settings(home=home)


@pytest.mark.parametrize(
    "address",
    [
        "http://airflow.example.org",
        "https://somebody@airflow.example.org",
        "https://airflow.example.org/?token=1",
        "ftp://airflow.example.org",
        "https://",
        "https://airflow.example.org:port",
        "airflow",
    ],
)
def test_a_password_goes_to_no_address_in_the_clear_and_stands_in_none(address):
    with pytest.raises(InputRefused, match="airflow_url"):
        load_settings(airflow_url=address)


def test_the_address_of_a_server_has_no_slash_at_its_end():
    assert (
        load_settings(airflow_url=" http://localhost:8080/ ").airflow_url == "http://localhost:8080"
    )
    assert (
        load_settings(airflow_url="https://a.example/air/").airflow_url == "https://a.example/air"
    )
    assert load_settings(airflow_url="").airflow_url == ""
